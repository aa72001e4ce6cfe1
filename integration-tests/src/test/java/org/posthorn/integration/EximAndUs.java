package org.posthorn.integration;

import org.posthorn.integration.harness.Configuration;
import org.posthorn.integration.harness.Maildir;
import org.posthorn.integration.harness.Ports;
import org.posthorn.integration.harness.PosthornProcess;
import org.posthorn.integration.peer.Certificate;
import org.posthorn.integration.peer.Exim;

import java.io.IOException;
import java.nio.file.Path;
import java.util.function.UnaryOperator;

/// Exim for `exim.test` and a Posthorn for `home.test`: each gives mail for the other's domain to
/// the other.
///
/// @param exim it
/// @param server ours
/// @param home the mail that ours has taken
record EximAndUs(Exim exim, PosthornProcess server, Maildir home) implements AutoCloseable {

    /// Starts both.
    ///
    /// @param more adds to our configuration
    static EximAndUs start(Path directory, UnaryOperator<Configuration> more) throws IOException {
        int port = Ports.free();
        Maildir home = new Maildir(directory.resolve("mail"));
        Configuration configuration =
                more.apply(
                        Configuration.forLocalClients()
                                .route("exim.test", "smtp://127.0.0.1:" + port)
                                .route("home.test", "maildir:" + home.directory()));
        Exim exim =
                Exim.start(
                        directory,
                        port,
                        configuration.smtpPort(),
                        Certificate.of("mx.exim.test", directory));
        return new EximAndUs(exim, PosthornProcess.start(directory, configuration), home);
    }

    /// Removes all mail.
    void clear() {
        exim.mail().clear();
        home.clear();
    }

    @Override
    public void close() {
        server.close();
        exim.close();
    }
}
