package org.posthorn.integration.peer;

import org.posthorn.integration.harness.Daemon;
import org.posthorn.integration.harness.Maildir;
import org.posthorn.integration.harness.SmtpConnection;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.util.List;
import java.util.Map;

/// Exim in a private configuration and spool, which takes mail for `exim.test` into one Maildir,
/// and gives mail for `home.test` back to us. It offers CHUNKING, DSN, PRDR and SMTPUTF8. Started
/// as root, it runs as its own user alone.
public final class Exim implements AutoCloseable {
    private static final String SETTINGS =
            """
            primary_hostname = mx.exim.test
            exim_path = %6$s
            deliver_drop_privilege = true
            spool_directory = %1$s/spool
            log_file_path = %1$s/%%slog
            pid_file_path = %1$s/exim.pid
            local_interfaces = 127.0.0.1
            daemon_smtp_ports = %2$d
            keep_environment =
            hosts_treat_as_local = *
            domainlist ours = exim.test
            chunking_advertise_hosts = *
            dsn_advertise_hosts = *
            smtputf8_advertise_hosts = *
            prdr_enable = true
            tls_advertise_hosts = *
            tls_certificate = %3$s
            tls_privatekey = %4$s
            acl_smtp_rcpt = rcpt
            acl_smtp_data_prdr = each
            acl_smtp_data = all
            begin acl
            rcpt:
              accept domains = +ours : home.test
            each:
              deny local_parts = strict
                   message = not for me
              accept
            all:
              accept
            begin routers
            back:
              driver = manualroute
              domains = home.test
              route_list = * 127.0.0.1
              self = send
              transport = back
            take:
              driver = accept
              domains = +ours
              transport = take
            begin transports
            back:
              driver = smtp
              port = %5$d
              hosts_avoid_tls = *
            take:
              driver = appendfile
              directory = %1$s/mail
              maildir_format
              return_path_add
              user = Debian-exim
              group = Debian-exim
            begin retry
            * * F,1h,1s
            """;

    private final Daemon daemon;
    private final Path directory;
    private final int port;

    private Exim(Daemon daemon, Path directory, int port) {
        this.daemon = daemon;
        this.directory = directory;
        this.port = port;
    }

    /// Starts it at 127.0.0.1, and waits for its `220`.
    ///
    /// @param back the port of 127.0.0.1 where mail for `home.test` goes
    public static Exim start(Path parent, int port, int back, Certificate certificate)
            throws IOException {
        Path directory = Files.createDirectories(parent.resolve("exim"));
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        Path key = Files.copy(certificate.key(), directory.resolve("key.pem"));
        UserPrincipal user =
                directory
                        .getFileSystem()
                        .getUserPrincipalLookupService()
                        .lookupPrincipalByName("Debian-exim");
        Files.setOwner(directory, user);
        Files.setOwner(key, user);
        for (String owned : List.of("spool", "mail")) {
            Files.setOwner(Files.createDirectory(directory.resolve(owned)), user);
        }
        Path settings =
                Files.writeString(
                        directory.resolve("exim.conf"),
                        SETTINGS.formatted(
                                directory,
                                port,
                                certificate.certificate(),
                                key,
                                back,
                                Peer.EXIM.path()));
        Daemon daemon =
                Daemon.start(
                                directory,
                                "exim",
                                Map.of(),
                                List.of(
                                        Peer.EXIM.path(),
                                        "-bdf",
                                        "-q1s",
                                        "-C",
                                        settings.toString()))
                        .awaitReady(() -> SmtpConnection.isGreeted("127.0.0.1", port));
        return new Exim(daemon, directory, port);
    }

    /// Returns the mail it has received.
    public Maildir mail() {
        return new Maildir(directory.resolve("mail"));
    }

    /// Returns its port of 127.0.0.1.
    public int port() {
        return port;
    }

    /// Returns its log.
    public String log() throws IOException {
        return Files.readString(directory.resolve("mainlog"));
    }

    @Override
    public void close() {
        daemon.close();
    }
}
