package org.posthorn.testkit.dialogue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.posthorn.api.auth.AuthAnswer;
import org.posthorn.api.auth.Certificates;
import org.posthorn.api.auth.Identity;
import org.posthorn.api.event.MailEvent;
import org.posthorn.api.mail.Domain;
import org.posthorn.api.plugin.Session;
import org.posthorn.smtp.EventLoops;
import org.posthorn.smtp.server.ListenerConfig;
import org.posthorn.smtp.server.ListenerConfig.Kind;
import org.posthorn.smtp.server.ListenerConfig.Tls;
import org.posthorn.smtp.server.SmtpLimits;
import org.posthorn.smtp.server.SmtpServer;
import org.posthorn.smtp.tls.CertificateFiles;
import org.posthorn.smtp.tls.ClientPolicy;
import org.posthorn.smtp.tls.ClientPolicy.ClientCertificates;
import org.posthorn.smtp.tls.ServerTls;
import org.posthorn.testkit.ManualClock;
import org.posthorn.testkit.RecordingIntake;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSession;

/// Which certificate a client is shown, and what is known of its own, over sockets.
class TlsTest {
    private final EventLoops loops = EventLoops.start(1);
    private final RecordingIntake intake = new RecordingIntake();
    private final BlockingQueue<MailEvent> events = new LinkedBlockingQueue<>();
    @TempDir private Path directory;
    private ServerTls tls;
    private SmtpServer server;
    private Map<String, InetSocketAddress> addresses;

    @BeforeEach
    void start() throws IOException {
        copy("cert.pem", "cert.pem");
        copy("key.pem", "key.pem");
        var require =
                new ClientPolicy(
                        ClientCertificates.REQUIRE,
                        Optional.of(TestTls.FILES.resolve("authority.pem")));
        ListenerConfig knowing = listener(TestTls.REQUEST).with(ListenerConfig.Auth.OFFERED);
        tls =
                ServerTls.load(
                        List.of(
                                new CertificateFiles(
                                        directory.resolve("cert.pem"),
                                        directory.resolve("key.pem"),
                                        List.of()),
                                TestTls.files("other", "other-key")),
                        Set.of(
                                ClientPolicy.NONE,
                                TestTls.REQUEST,
                                require,
                                knowing.clientPolicy()));
        server =
                TestServers.with(
                        Map.of(
                                "open", listener(ClientPolicy.NONE),
                                "asking", listener(TestTls.REQUEST),
                                "strict", listener(require),
                                "knowing", knowing),
                        SmtpLimits.DEFAULT,
                        Optional.of(tls),
                        intake,
                        events::add,
                        ManualClock.atNoon(),
                        loops,
                        TestServers.plugin("strangers", TestServers.known(new Strangers())));
        addresses = server.start();
    }

    @AfterEach
    void stop() {
        server.close();
        loops.close();
    }

    @Test
    void showsTheCertificateThatTheClientAsksFor() throws Exception {
        for (String protocol : List.of("TLSv1.2", "TLSv1.3")) {
            assertThat(shown("mx.example.net", protocol)).isEqualTo("CN=mx.example.net");
            assertThat(shown("MX2.Example.NET", protocol)).isEqualTo("CN=mx.example.net");
            assertThat(shown("a.b.example.net", protocol)).isEqualTo("CN=mx.example.org");
            assertThat(shown("nobody.example", protocol)).isEqualTo("CN=mx.example.org");
            assertThat(shown("", protocol)).isEqualTo("CN=mx.example.org");
        }
    }

    @Test
    void tellsWhatWasAgreedOn() throws Exception {
        try (var peer = connect("open", "nobody")) {
            peer.secure(asking("mx2.example.net", "TLSv1.3"));
            Session.Tls facts = facts();
            assertThat(facts.protocol()).isEqualTo("TLSv1.3");
            assertThat(facts.cipher()).startsWith("TLS_");
            assertThat(facts.serverName()).contains(new Domain.Name("mx2.example.net"));
            assertThat(facts.clientCertificate()).isEmpty();
            send(peer);
        }
        assertThat(intake.last().text())
                .containsPattern(
                        "\r\n\t\\(using TLSv1\\.3 with cipher TLS_\\w+ for mx2\\.example\\.net\\)");
    }

    @Test
    void speaksNoTlsOlderThanThat() {
        for (String old : List.of("TLSv1", "TLSv1.1")) {
            assertThatIOException().isThrownBy(() -> shown("mx.example.net", old));
        }
    }

    @Test
    void seesTheClientsCertificate() throws Exception {
        try (var peer = connect("asking", "client")) {
            peer.secure();
            Session.ClientCertificate seen = facts().clientCertificate().orElseThrow();
            assertThat(seen.subject()).isEqualTo("CN=mona,O=Example (Ltd.)");
            assertThat(seen.names()).containsExactly("client.example.org", "mona@example.org");
            assertThat(seen.sha256()).matches("[0-9a-f]{64}");
            assertThat(seen.verified()).isTrue();
            send(peer);
        }
        assertThat(intake.last().text())
                .contains("\r\n\t(client certificate \"CN=mona,O=Example Ltd.\" verified)");
    }

    @Test
    void seesThatNobodyVouchesForACertificate() throws Exception {
        try (var peer = connect("asking", "stranger")) {
            peer.secure();
            Session.ClientCertificate seen = facts().clientCertificate().orElseThrow();
            assertThat(seen.subject()).isEqualTo("CN=stranger");
            assertThat(seen.verified()).isFalse();
            peer.expect("220");
        }
        try (var peer = connect("asking", "nobody")) {
            peer.secure();
            assertThat(facts().clientCertificate()).isEmpty();
        }
    }

    @Test
    void aSourceThatKnowsCertificatesThemselvesNeedsNobodyToVouchForThem() throws Exception {
        try (var peer = connect("knowing", "stranger")) {
            peer.secure();
            peer.expect("220");
            peer.say("EHLO x", "250 AUTH EXTERNAL");
            peer.say("AUTH EXTERNAL =", "235 2.7.0");
        }
        try (var peer = connect("knowing", "client")) {
            peer.secure();
            peer.expect("220");
            peer.say("EHLO x", "250 AUTH EXTERNAL");
            peer.say("AUTH EXTERNAL =", "535 5.7.8");
        }
        try (var peer = connect("knowing", "nobody")) {
            peer.secure();
            peer.expect("220");
            peer.say("EHLO x", "250");
            peer.say("AUTH EXTERNAL =", "504 5.5.4");
        }
    }

    /// Knows the certificate of the stranger by its fingerprint.
    private static final class Strangers implements Certificates {
        @Override
        public AuthAnswer check(
                Session session, Session.ClientCertificate certificate, Optional<String> name) {
            return certificate
                            .sha256()
                            .equals(
                                    "a2f5fbb6d173e65445bc60ad14ad7e373ab1371230d5a2a9e4479f732d347b1b")
                    ? new AuthAnswer.Identified(new Identity("stranger", List.of()))
                    : AuthAnswer.REFUSED;
        }

        @Override
        public boolean verifiedOnly() {
            return false;
        }
    }

    @Test
    void wantsAGoodCertificateWhereItIsRequired() throws Exception {
        try (var peer = connect("strict", "client")) {
            peer.secure();
            peer.expect("220");
        }
        for (String bad : List.of("nobody", "stranger")) {
            try (var peer = connect("strict", bad)) {
                assertThatIOException()
                        .isThrownBy(
                                () -> {
                                    peer.secure(asking("", "TLSv1.2"));
                                    peer.line();
                                });
            }
        }
    }

    @Test
    void usesNewFilesWithoutEndingASession() throws Exception {
        assertThat(tls.reload()).isFalse();
        try (var peer = connect("open", "nobody")) {
            SSLSession before = peer.secure(new SSLParameters());
            peer.expect("220");
            copy("stranger.pem", "cert.pem");
            copy("stranger-key.pem", "key.pem");
            assertThat(tls.reload()).isTrue();
            assertThat(shown("", "TLSv1.3")).isEqualTo("CN=stranger");
            peer.say("NOOP", "250");
            assertThat(subject(before)).isEqualTo("CN=mx.example.org");
        }
        assertThat(tls.certificates().getFirst().names()).containsExactly("stranger.example");
    }

    @Test
    void keepsWhatItHasWhenNewFilesAreBroken() throws Exception {
        copy("stranger.pem", "cert.pem");
        assertThatIOException()
                .isThrownBy(() -> tls.reload())
                .withMessageContaining(directory.resolve("cert.pem").toString())
                .withMessageContaining(directory.resolve("key.pem").toString());
        assertThat(shown("", "TLSv1.3")).isEqualTo("CN=mx.example.org");
        Files.writeString(directory.resolve("cert.pem"), "nothing of use");
        assertThatIOException()
                .isThrownBy(() -> tls.reload())
                .withMessageContaining("there is no certificate in " + directory);
        Files.delete(directory.resolve("cert.pem"));
        assertThatIOException()
                .isThrownBy(() -> tls.reload())
                .withMessageContaining("there is no TLS certificate at " + directory);
        copy("cert.pem", "cert.pem");
        assertThat(tls.reload()).isFalse();
        assertThat(shown("", "TLSv1.3")).isEqualTo("CN=mx.example.org");
    }

    @Test
    void cannotRequireWhatNobodyCanJudge() {
        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> new ClientPolicy(ClientCertificates.REQUIRE, Optional.empty()))
                .withMessageContaining("client-authorities");
    }

    private String shown(String name, String protocol) throws Exception {
        try (var peer = connect("open", "nobody")) {
            return subject(peer.secure(asking(name, protocol)));
        }
    }

    private static String subject(SSLSession session) throws IOException {
        return ((X509Certificate) session.getPeerCertificates()[0])
                .getSubjectX500Principal()
                .getName();
    }

    private Session.Tls facts() throws InterruptedException {
        while (true) {
            MailEvent event = events.poll(20, TimeUnit.SECONDS);
            assertThat(event).isNotNull();
            if (event instanceof MailEvent.Secured secured) {
                return secured.tls();
            }
        }
    }

    private static ListenerConfig listener(ClientPolicy policy) {
        return ListenerConfig.of("127.0.0.1", 0, Kind.SMTP, Tls.IMPLICIT).with(policy);
    }

    private void copy(String from, String to) throws IOException {
        Files.copy(
                TestTls.FILES.resolve(from),
                directory.resolve(to),
                StandardCopyOption.REPLACE_EXISTING);
    }

    private SocketPeer connect(String listener, String certificate) throws Exception {
        return new SocketPeer(addresses.get(listener), TestTls.client(certificate));
    }

    private static SSLParameters asking(String name, String protocol) {
        var wanted = new SSLParameters();
        wanted.setProtocols(new String[] {protocol});
        if (!name.isEmpty()) {
            wanted.setServerNames(List.of(new SNIHostName(name)));
        }
        return wanted;
    }

    private static void send(SocketPeer peer) throws IOException {
        peer.expect("220");
        peer.say("HELO x", "250");
        peer.say("MAIL FROM:<>", "250");
        peer.say("RCPT TO:<leo@example.org>", "250");
        peer.say("DATA", "354");
        peer.say(".", "250");
    }
}
