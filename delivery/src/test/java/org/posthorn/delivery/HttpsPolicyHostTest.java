package org.posthorn.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.posthorn.api.dns.DnsAnswer;
import org.posthorn.api.dns.DnsRecord;
import org.posthorn.api.dns.RecordType;
import org.posthorn.smtp.client.ClientTls;
import org.posthorn.testkit.InMemoryDns;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;

/// RFC 8461 §3.3.
@Timeout(60)
class HttpsPolicyHostTest {
    private static final String POLICY = "version: STSv1\nmode: none\nmax_age: 1\n";
    private static CertificateChain chain;
    private static ClientTls trusted;

    private final InMemoryDns dns = new InMemoryDns();
    private final List<String> heard = new CopyOnWriteArrayList<>();
    private SSLServerSocket server;
    private String answer = answer("200 OK", "text/plain; charset=utf-8", POLICY);

    @BeforeAll
    static void certify(@TempDir Path directory) throws Exception {
        chain = CertificateChain.of("mta-sts.a.example", directory);
        Path authority =
                Files.writeString(
                        directory.resolve("authority.pem"),
                        "-----BEGIN CERTIFICATE-----\n"
                                + Base64.getMimeEncoder()
                                        .encodeToString(chain.authority().getEncoded())
                                + "\n-----END CERTIFICATE-----\n");
        trusted = ClientTls.trusting(authority);
    }

    @BeforeEach
    void serve() throws IOException {
        server =
                (SSLServerSocket)
                        chain.context()
                                .getServerSocketFactory()
                                .createServerSocket(0, 5, InetAddress.ofLiteral("127.0.0.1"));
        Thread.ofVirtual().start(this::serveAll);
        dns.address("mta-sts.a.example", "127.0.0.1").address("mta-sts.b.example", "127.0.0.1");
    }

    @AfterEach
    void stop() throws IOException {
        server.close();
    }

    private void serveAll() {
        while (!server.isClosed()) {
            try (var client = (SSLSocket) server.accept();
                    var in =
                            new BufferedReader(
                                    new InputStreamReader(
                                            client.getInputStream(), StandardCharsets.UTF_8))) {
                for (String line = in.readLine();
                        line != null && !line.isEmpty();
                        line = in.readLine()) {
                    heard.add(line);
                }
                client.getOutputStream().write(answer.getBytes(StandardCharsets.UTF_8));
                client.getOutputStream().flush();
            } catch (IOException _) {
                // The client went away, or the test is over.
            }
        }
    }

    private static String answer(String status, String type, String body) {
        return "HTTP/1.1 %s\r\nContent-Type: %s\r\nContent-Length: %d\r\nLocation: /x\r\n\r\n%s"
                .formatted(status, type, body.length(), body);
    }

    private String fetch(String domain) throws IOException, InterruptedException {
        return new HttpsPolicyHost(dns, trusted.authorities(), server.getLocalPort()).fetch(domain);
    }

    @Test
    void fetchesAPolicyOfTheNameAsked() throws Exception {
        assertThat(fetch("a.example")).isEqualTo(POLICY);
        assertThat(heard)
                .contains("GET /.well-known/mta-sts.txt HTTP/1.1", "Host: mta-sts.a.example");
    }

    @ParameterizedTest
    @CsvSource({
        "301 Moved,     text/plain, 10,    it answers 301",
        "404 Not found, text/plain, 10,    it answers 404",
        "200 OK,        text/html,  10,    what it sends is not text/plain",
        "200 OK,        text/plain, 65537, mta-sts.a.example:"
    })
    void takesNothingElseForAPolicy(String status, String type, int size, String why) {
        answer = answer(status, type, "x".repeat(size));
        assertThatThrownBy(() -> fetch("a.example"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(why);
        assertThat(heard).filteredOn(it -> it.startsWith("GET ")).hasSize(1);
    }

    @Test
    void saysNothingToAServerThatIsNotTheOne() {
        assertThatThrownBy(() -> fetch("b.example"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("its certificate is not for mta-sts.b.example");
        assertThatThrownBy(
                        () ->
                                new HttpsPolicyHost(
                                                dns,
                                                ClientTls.standard().authorities(),
                                                server.getLocalPort())
                                        .fetch("a.example"))
                .isInstanceOf(IOException.class);
        assertThat(heard).isEmpty();
    }

    /// Takes connections, and says nothing.
    private ServerSocket tarpit() throws IOException {
        return new ServerSocket(server.getLocalPort(), 5, InetAddress.ofLiteral("127.0.0.2"));
    }

    private HttpsPolicyHost host(Duration whole, Duration turn) {
        return new HttpsPolicyHost(
                dns, trusted.authorities(), server.getLocalPort(), whole, 1, turn);
    }

    @Test
    void hasOneDeadlineForAllAddresses() throws Exception {
        var slow = new DnsRecord.Address(InetAddress.ofLiteral("127.0.0.2"));
        var good = new DnsRecord.Address(InetAddress.ofLiteral("127.0.0.1"));
        String name = "mta-sts.a.example";
        dns.answer(name, RecordType.A, new DnsAnswer.Found(name, List.of(slow), false))
                .answer(name, RecordType.AAAA, new DnsAnswer.Found(name, List.of(good), false));
        try (var _ = tarpit()) {
            assertThatThrownBy(() -> host(Duration.ofSeconds(1), Duration.ZERO).fetch("a.example"))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("it takes longer than 1 s");
        }
        assertThat(heard).isEmpty();
        assertThat(host(Duration.ofSeconds(30), Duration.ZERO).fetch("a.example"))
                .isEqualTo(POLICY);
    }

    @Test
    void fetchesNoMoreAtOnceThanItMay() throws Exception {
        dns.address("mta-sts.slow.example", "127.0.0.2");
        HttpsPolicyHost host = host(Duration.ofSeconds(30), Duration.ofMillis(1));
        try (var tarpit = tarpit()) {
            var stuck =
                    Thread.ofVirtual()
                            .start(
                                    () ->
                                            assertThatThrownBy(() -> host.fetch("slow.example"))
                                                    .isInstanceOf(InterruptedException.class));
            try (var client = tarpit.accept()) {
                assertThat(client.isConnected()).isTrue();
                assertThatThrownBy(() -> host.fetch("a.example"))
                        .isInstanceOf(IOException.class)
                        .hasMessageContaining("too many other policies are being fetched");
                stuck.interrupt();
                stuck.join();
            }
        }
        assertThat(host.fetch("a.example")).isEqualTo(POLICY);
    }

    @Test
    void saysWhyThereIsNone() {
        assertThatThrownBy(() -> fetch("c.example"))
                .isInstanceOf(IOException.class)
                .hasMessage("mta-sts.c.example has no address");
    }
}
