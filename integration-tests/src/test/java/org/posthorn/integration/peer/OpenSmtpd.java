package org.posthorn.integration.peer;

import org.posthorn.integration.harness.Daemon;
import org.posthorn.integration.harness.Maildir;
import org.posthorn.integration.harness.SmtpConnection;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// OpenSMTPD, which takes mail for `open.test` into one Maildir, and gives mail for `home.test` and
/// `secret.test` back to us, the latter under TLS only. Its places are built in, so it
/// runs as root in a view of the file system where they are its own.
public final class OpenSmtpd implements AutoCloseable {
    private static final String SETTINGS =
            """
            smtp max-message-size 100M
            pki mx.open.test cert "%3$s"
            pki mx.open.test key "%4$s"
            table users { "leo" = "nobody", "@" = "nobody" }
            listen on 127.0.0.1 port %2$d tls pki mx.open.test hostname mx.open.test
            action take maildir "%1$s/mail" virtual <users>
            action back relay host "smtp+notls://127.0.0.1:%5$d"
            action secret relay host "smtp+tls://127.0.0.1:%5$d" tls no-verify
            match from any for domain "open.test" action take
            match from any for domain "home.test" action back
            match from any for domain "secret.test" action secret
            """;
    private static final String COMMANDS =
            """
            set -e
            for place in /var/spool /var/lib /usr/libexec; do mount -t tmpfs none $place; done
            mkdir -p /usr/libexec/opensmtpd /var/lib/opensmtpd/empty /var/spool/smtpd
            chmod 711 /var/spool/smtpd
            mount --bind %2$s/../libexec/opensmtpd /usr/libexec/opensmtpd
            exec %2$s/smtpd -d -f %1$s/smtpd.conf
            """;

    private final Daemon daemon;
    private final Path directory;

    private OpenSmtpd(Daemon daemon, Path directory) {
        this.daemon = daemon;
        this.directory = directory;
    }

    /// Starts it at 127.0.0.1, and waits for its `220`.
    ///
    /// @param back our port of 127.0.0.1
    public static OpenSmtpd start(Path parent, int port, int back, Certificate certificate)
            throws IOException {
        Path directory = Files.createDirectories(parent.resolve("opensmtpd"));
        var users = directory.getFileSystem().getUserPrincipalLookupService();
        Files.setOwner(
                Files.createDirectory(directory.resolve("mail")),
                users.lookupPrincipalByName("nobody"));
        Files.writeString(
                directory.resolve("smtpd.conf"),
                SETTINGS.formatted(
                        directory, port, certificate.certificate(), certificate.key(), back));
        Path programs = Path.of(Peer.OPENSMTPD.path()).getParent();
        String commands = COMMANDS.formatted(directory, programs);
        Daemon daemon =
                Daemon.start(
                                directory,
                                "opensmtpd",
                                Map.of(),
                                List.of("unshare", "-m", "bash", "-c", commands))
                        .awaitReady(() -> SmtpConnection.isGreeted("127.0.0.1", port));
        return new OpenSmtpd(daemon, directory);
    }

    /// Returns the mail it has received.
    public Maildir mail() {
        return new Maildir(directory.resolve("mail"));
    }

    @Override
    public void close() {
        daemon.close();
    }
}
