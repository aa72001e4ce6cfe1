package org.posthorn.integration;

import static org.assertj.core.api.Assertions.assertThat;

import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.posthorn.integration.harness.Configuration;
import org.posthorn.integration.harness.Maildir;
import org.posthorn.integration.harness.OpenDirectory;
import org.posthorn.integration.harness.Ports;
import org.posthorn.integration.harness.PosthornProcess;
import org.posthorn.integration.harness.SmtpConnection;
import org.posthorn.integration.peer.Certificate;
import org.posthorn.integration.peer.HaProxy;
import org.posthorn.integration.peer.Needs;
import org.posthorn.integration.peer.Peer;
import org.posthorn.integration.peer.TlsClient;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/// Who is at the other end: behind HAProxy, and under TLS of OpenSSL.
@Needs({Peer.HAPROXY, Peer.OPENSSL, Peer.CURL})
class ConnectionsIT {
    private static final String PROXIES = "proxy-protocol { trusted = [\"127.0.0.0/8\"] }";
    private static final byte[] MESSAGE =
            "Subject: through\r\n\r\nbody\r\n".getBytes(StandardCharsets.US_ASCII);

    @TempDir(factory = OpenDirectory.class)
    Path directory;

    @Test
    void theClientBehindHaProxyIsTheClient() throws IOException {
        int plain = Ports.free();
        int secure = Ports.free();
        Configuration configuration =
                Configuration.forLocalClients()
                        .line(listener("first", plain, "none", PROXIES))
                        .line(listener("second", secure, "implicit", PROXIES))
                        .route("*", "maildir:" + directory.resolve("mail"));
        try (var server = PosthornProcess.start(directory, configuration);
                var proxy = HaProxy.before(directory, plain, secure)) {
            TlsClient.send("smtp", proxy.first(), "127.0.0.7", "leo@one.test", MESSAGE).succeeded();
            Maildir mail = new Maildir(directory.resolve("mail"));
            assertThat(mail.awaitOne().text()).contains("([127.0.0.7])");
            mail.clear();
            TlsClient.send("smtps", proxy.second(), "127.0.0.8", "leo@two.test", MESSAGE)
                    .succeeded();
            assertThat(mail.awaitOne().text())
                    .contains("([127.0.0.8])")
                    .contains("(using TLSv1.3 with cipher ");
            assertThat(server.mailLog()).contains("client=127.0.0.7:", "client=127.0.0.8:");
        }
    }

    @Test
    void certificatesFollowNamesAndFilesAndClientsShowTheirs() throws IOException {
        int port = Ports.free();
        Certificate first = certificate("one.test");
        Certificate second = certificate("two.test");
        Certificate client = certificate("client.test");
        Configuration configuration =
                Configuration.forLocalClients()
                        .line(
                                listener(
                                        "secure",
                                        port,
                                        "implicit",
                                        "client-certificates = request, client-authorities = \""
                                                + client.certificate()
                                                + "\""))
                        .line(
                                """
                                tls {
                                  certificate = "%s", key = "%s", check-interval = 1s
                                  certificates = [ { certificate = "%s", key = "%s" } ]
                                }
                                """
                                        .formatted(
                                                first.certificate(),
                                                first.key(),
                                                second.certificate(),
                                                second.key()))
                        .route("*", "maildir:" + directory.resolve("mail"));
        try (var server = PosthornProcess.start(directory, configuration);
                var session = SmtpConnection.greeted(server.smtpPort())) {
            assertThat(shown(port, "one.test")).contains("CN = one.test");
            assertThat(shown(port, "two.test")).contains("CN = two.test");
            assertThat(shown(port, "nobody.test")).contains("CN = one.test");
            for (String old : new String[] {"-tls1", "-tls1_1"}) {
                TlsClient.shakeHands(port, old, "-cipher", "DEFAULT@SECLEVEL=0").failed();
            }
            TlsClient.shakeHands(
                            port,
                            "-cert",
                            client.certificate().toString(),
                            "-key",
                            client.key().toString())
                    .succeeded();
            Awaitility.await()
                    .untilAsserted(
                            () ->
                                    assertThat(server.mailLog())
                                            .contains("certificate=CN=client.test")
                                            .contains("verified=true"));
            replace(first, certificate("new.test"));
            Awaitility.await()
                    .untilAsserted(
                            () -> assertThat(shown(port, "new.test")).contains("CN = new.test"));
            assertThat(session.command("NOOP")).startsWith("250");
            server.expect("certificates stay as they were");
        }
    }

    private static String listener(String name, int port, String tls, String more) {
        return "listeners { %s { address = \"127.0.0.1\", port = %d, tls = %s, %s } }"
                .formatted(name, port, tls, more);
    }

    private Certificate certificate(String host) throws IOException {
        return Certificate.of(host, Files.createDirectories(directory.resolve(host)));
    }

    private static void replace(Certificate old, Certificate made) throws IOException {
        Files.copy(made.key(), old.key(), StandardCopyOption.REPLACE_EXISTING);
        Files.copy(made.certificate(), old.certificate(), StandardCopyOption.REPLACE_EXISTING);
    }

    private static String shown(int port, String name) {
        return TlsClient.shakeHands(port, "-servername", name).said();
    }
}
