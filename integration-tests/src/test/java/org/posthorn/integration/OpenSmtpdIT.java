package org.posthorn.integration;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.posthorn.integration.harness.Arrived;
import org.posthorn.integration.harness.Configuration;
import org.posthorn.integration.harness.Maildir;
import org.posthorn.integration.harness.OpenDirectory;
import org.posthorn.integration.harness.Ports;
import org.posthorn.integration.harness.PosthornProcess;
import org.posthorn.integration.peer.Certificate;
import org.posthorn.integration.peer.Client;
import org.posthorn.integration.peer.Needs;
import org.posthorn.integration.peer.OpenSmtpd;
import org.posthorn.integration.peer.Peer;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/// Mail goes out to OpenSMTPD, with neither pipelining nor chunks, and comes in from it. Debian's
/// offers TLS and then fails at it, so this is also how mail arrives in clear where TLS does not
/// work.
@Needs({Peer.ROOT, Peer.MOUNT, Peer.OPENSMTPD, Peer.PYTHON, Peer.OPENSSL})
class OpenSmtpdIT {
    @TempDir(factory = OpenDirectory.class)
    static Path directory;

    private static final int PORT = Ports.free();

    private static OpenSmtpd open;
    private static PosthornProcess server;
    private static Maildir home;

    @BeforeAll
    static void start() throws IOException {
        home = new Maildir(directory.resolve("home"));
        Configuration configuration =
                Configuration.forLocalClients()
                        .route("open.test", "smtp://127.0.0.1:" + PORT)
                        .route("*", "maildir:" + home.directory());
        open =
                OpenSmtpd.start(
                        directory,
                        PORT,
                        configuration.smtpPort(),
                        Certificate.of("mx.open.test", directory));
        server = PosthornProcess.start(directory, configuration);
    }

    @AfterAll
    static void stop() {
        server.close();
        open.close();
    }

    @Test
    void mailReachesOpenSmtpd() throws IOException {
        send(server.smtpPort(), "leo@open.test");
        assertThat(open.mail().awaitOne().text())
                .contains("Subject: to leo@open.test", "by mx.open.test (OpenSMTPD)");
    }

    @ParameterizedTest
    @CsvSource({"home.test, ESMTP", "secret.test, ESMTPS"})
    void openSmtpdDeliversToUs(String domain, String protocol) throws IOException {
        home.clear();
        send(PORT, "leo@" + domain);
        Arrived arrived = home.awaitOne();
        assertThat(arrived.text()).contains("Subject: to leo@" + domain);
        assertThat(arrived.trace().get("received").lines().findFirst().orElseThrow())
                .contains(" with " + protocol + " id ");
    }

    private static void send(int port, String to) throws IOException {
        Client.SMTPLIB
                .send(port, "mona@client.test", List.of(to), Mail.about("to " + to))
                .succeeded();
    }
}
