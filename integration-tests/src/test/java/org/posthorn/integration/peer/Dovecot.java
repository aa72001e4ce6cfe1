package org.posthorn.integration.peer;

import org.posthorn.integration.harness.Daemon;
import org.posthorn.integration.harness.Maildir;
import org.posthorn.integration.harness.Ports;
import org.posthorn.integration.harness.SmtpConnection;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// Dovecot, which takes mail by LMTP for the users it knows: one Maildir each. Runs as root.
public final class Dovecot implements AutoCloseable {
    private final Daemon daemon;
    private final Path directory;
    private final int port;

    private Dovecot(Daemon daemon, Path directory, int port) {
        this.daemon = daemon;
        this.directory = directory;
        this.port = port;
    }

    /// Starts it, and waits for its `220`.
    ///
    /// @param users mailboxes, with their domains
    public static Dovecot start(Path parent, List<String> users) throws IOException {
        Path directory = Files.createDirectories(parent.resolve("dovecot"));
        int port = Ports.free();
        var passwd = new StringBuilder();
        for (String user : users) {
            passwd.append(user).append("::::::\n");
        }
        Files.writeString(directory.resolve("users"), passwd);
        Path settings =
                Files.writeString(
                        directory.resolve("dovecot.conf"),
                        """
                        base_dir = %1$s/run
                        state_dir = %1$s/state
                        log_path = %1$s/dovecot.log
                        protocols = lmtp
                        listen = 127.0.0.1
                        ssl = no
                        first_valid_uid = 1
                        mail_location = maildir:%1$s/mail/%%u
                        mail_fsync = never
                        postmaster_address = postmaster@dovecot.test
                        passdb {
                          driver = passwd-file
                          args = %1$s/users
                        }
                        userdb {
                          driver = passwd-file
                          args = %1$s/users
                          default_fields = uid=nobody gid=nogroup home=%1$s/home/%%u
                        }
                        service lmtp {
                          inet_listener lmtp {
                            address = 127.0.0.1
                            port = %2$d
                          }
                        }
                        service stats {
                          unix_listener stats-writer {
                            mode = 0666
                          }
                        }
                        """
                                .formatted(directory, port));
        var principals = directory.getFileSystem().getUserPrincipalLookupService();
        for (String owned : List.of("mail", "home")) {
            Files.setOwner(
                    Files.createDirectory(directory.resolve(owned)),
                    principals.lookupPrincipalByName("nobody"));
        }
        Daemon daemon =
                Daemon.start(
                                directory,
                                "dovecot",
                                Map.of(),
                                List.of(Peer.DOVECOT.path(), "-F", "-c", settings.toString()))
                        .awaitReady(() -> SmtpConnection.isGreeted("127.0.0.1", port));
        return new Dovecot(daemon, directory, port);
    }

    /// Returns its port on 127.0.0.1.
    public int port() {
        return port;
    }

    /// Returns a user's mail.
    public Maildir mail(String user) {
        return new Maildir(directory.resolve("mail").resolve(user));
    }

    @Override
    public void close() {
        daemon.close();
    }
}
