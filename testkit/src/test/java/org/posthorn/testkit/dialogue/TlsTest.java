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
import org.posthorn.api.intake.RetryRequests;
import org.posthorn.api.mail.Domain;
import org.posthorn.api.plugin.Session;
import org.posthorn.smtp.EventLoops;
import org.posthorn.smtp.server.AuthConfig;
import org.posthorn.smtp.server.HookChain;
import org.posthorn.smtp.server.ListenerConfig;
import org.posthorn.smtp.server.ListenerConfig.Auth;
import org.posthorn.smtp.server.ListenerConfig.Kind;
import org.posthorn.smtp.server.ListenerConfig.Tls;
import org.posthorn.smtp.server.MessageLimits;
import org.posthorn.smtp.server.SmtpExtensions;
import org.posthorn.smtp.server.SmtpLimits;
import org.posthorn.smtp.server.SmtpServer;
import org.posthorn.smtp.server.SmtpSettings;
import org.posthorn.smtp.tls.CertificateFiles;
import org.posthorn.smtp.tls.ClientPolicy;
import org.posthorn.smtp.tls.ClientPolicy.ClientCertificates;
import org.posthorn.smtp.tls.ServerTls;
import org.posthorn.testkit.ManualClock;
import org.posthorn.testkit.RecordingIntake;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSession;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;

/// Which certificate a client is shown, and what is known of its own, over sockets.
class TlsTest {
    private static final Path FILES = Path.of("src/test/resources/tls");

    /// Mona's certificate is mona's, who may ask to be nobody else.
    private static final Certificates MONAS =
            (_, certificate, name) ->
                    certificate.names().contains("mona@example.org")
                                    && name.orElse("mona").equals("mona")
                            ? new AuthAnswer.Identified(new Identity("mona", List.of()))
                            : AuthAnswer.REFUSED;

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
        var request =
                new ClientPolicy(
                        ClientCertificates.REQUEST, Optional.of(FILES.resolve("authority.pem")));
        var require =
                new ClientPolicy(
                        ClientCertificates.REQUIRE, Optional.of(FILES.resolve("authority.pem")));
        ListenerConfig knowing = listener(request).with(Auth.OFFERED);
        tls =
                ServerTls.load(
                        List.of(files("cert.pem", "key.pem", directory), other()),
                        Set.of(ClientPolicy.NONE, request, require, knowing.clientPolicy()));
        server =
                new SmtpServer(
                        new SmtpSettings(
                                new Domain.Name("mx.example.org"),
                                Map.of(
                                        "open", listener(ClientPolicy.NONE),
                                        "asking", listener(request),
                                        "strict", listener(require),
                                        "knowing", knowing),
                                SmtpLimits.DEFAULT,
                                MessageLimits.DEFAULT,
                                SmtpExtensions.DEFAULT,
                                AuthConfig.DEFAULT),
                        Optional.of(tls),
                        new HookChain(
                                List.of(
                                        TestServers.plugin(
                                                "relay", TestServers.forDomain("example.org")),
                                        TestServers.plugin(
                                                "certificates", TestServers.known(MONAS)))),
                        intake,
                        RetryRequests.NONE,
                        events::add,
                        ManualClock.atNoon(),
                        loops,
                        new Random(1));
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
        try (var peer = new SocketPeer(addresses.get("open"))) {
            peer.secure(context(null), asking("mx2.example.net", "TLSv1.3"));
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
        try (var peer = new SocketPeer(addresses.get("asking"))) {
            peer.secure(context("client"), new SSLParameters());
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
        try (var peer = new SocketPeer(addresses.get("asking"))) {
            peer.secure(context("stranger"), new SSLParameters());
            Session.ClientCertificate seen = facts().clientCertificate().orElseThrow();
            assertThat(seen.subject()).isEqualTo("CN=stranger");
            assertThat(seen.verified()).isFalse();
            expect(peer, "220");
        }
        try (var peer = new SocketPeer(addresses.get("asking"))) {
            peer.secure(context(null), new SSLParameters());
            assertThat(facts().clientCertificate()).isEmpty();
        }
    }

    @Test
    void aClientMayBeWhoItsCertificateSays() throws Exception {
        try (var peer = new SocketPeer(addresses.get("knowing"))) {
            peer.secure(context("client"), new SSLParameters());
            expect(peer, "220");
            assertThat(hello(peer)).contains("AUTH EXTERNAL");
            say(peer, "AUTH EXTERNAL aWRh", "535 5.7.8");
            say(peer, "AUTH EXTERNAL AGE=", "535 5.7.8");
            say(peer, "AUTH EXTERNAL", "334");
            say(peer, "bW9uYQ==", "235 2.7.0");
        }
        try (var peer = new SocketPeer(addresses.get("knowing"))) {
            peer.secure(context("client"), new SSLParameters());
            expect(peer, "220");
            hello(peer);
            say(peer, "AUTH EXTERNAL =", "235 2.7.0");
            say(peer, "MAIL FROM:<mona@example.org>", "250");
            say(peer, "RCPT TO:<leo@elsewhere.example>", "250");
        }
    }

    @Test
    void aCertificateThatNobodyVouchesForIsNoIdentity() throws Exception {
        for (String other : new String[] {null, "stranger"}) {
            try (var peer = new SocketPeer(addresses.get("knowing"))) {
                peer.secure(context(other), new SSLParameters());
                expect(peer, "220");
                assertThat(hello(peer)).noneMatch(line -> line.startsWith("AUTH"));
                say(peer, "AUTH EXTERNAL =", "50");
            }
        }
    }

    @Test
    void wantsAGoodCertificateWhereItIsRequired() throws Exception {
        try (var peer = new SocketPeer(addresses.get("strict"))) {
            peer.secure(context("client"), new SSLParameters());
            expect(peer, "220");
        }
        for (String bad : new String[] {null, "stranger"}) {
            try (var peer = new SocketPeer(addresses.get("strict"))) {
                assertThatIOException()
                        .isThrownBy(
                                () -> {
                                    peer.secure(context(bad), asking("", "TLSv1.2"));
                                    peer.line();
                                });
            }
        }
    }

    @Test
    void usesNewFilesWithoutEndingASession() throws Exception {
        assertThat(tls.reload()).isFalse();
        try (var peer = new SocketPeer(addresses.get("open"))) {
            SSLSession before = peer.secure(context(null), new SSLParameters());
            expect(peer, "220");
            copy("stranger.pem", "cert.pem");
            copy("stranger-key.pem", "key.pem");
            assertThat(tls.reload()).isTrue();
            assertThat(shown("", "TLSv1.3")).isEqualTo("CN=stranger");
            say(peer, "NOOP", "250");
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
        try (var peer = new SocketPeer(addresses.get("open"))) {
            return subject(peer.secure(context(null), asking(name, protocol)));
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
        Files.copy(FILES.resolve(from), directory.resolve(to), StandardCopyOption.REPLACE_EXISTING);
    }

    private static CertificateFiles files(String certificate, String key, Path directory) {
        return new CertificateFiles(
                directory.resolve(certificate), directory.resolve(key), List.of());
    }

    private static CertificateFiles other() {
        return files("other.pem", "other-key.pem", FILES);
    }

    private static SSLParameters asking(String name, String protocol) {
        var wanted = new SSLParameters();
        wanted.setProtocols(new String[] {protocol});
        if (!name.isEmpty()) {
            wanted.setServerNames(List.of(new SNIHostName(name)));
        }
        return wanted;
    }

    /// A client that shows a certificate, or none, and trusts everybody.
    private static SSLContext context(String certificate) throws Exception {
        var store = KeyStore.getInstance("JKS");
        store.load(null, null);
        if (certificate != null) {
            String pem = Files.readString(FILES.resolve(certificate + "-key.pem"));
            byte[] key = Base64.getMimeDecoder().decode(pem.replaceAll("-----[A-Z ]+-----", ""));
            var chain =
                    CertificateFactory.getInstance("X.509")
                            .generateCertificate(
                                    new ByteArrayInputStream(
                                            Files.readAllBytes(
                                                    FILES.resolve(certificate + ".pem"))));
            store.setKeyEntry(
                    "own",
                    KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(key)),
                    new char[0],
                    new Certificate[] {chain});
        }
        var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, new char[0]);
        var context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), new TrustManager[] {new TrustAll()}, null);
        return context;
    }

    private static final class TrustAll implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }

    private static void send(SocketPeer peer) throws IOException {
        expect(peer, "220");
        say(peer, "HELO x", "250");
        say(peer, "MAIL FROM:<>", "250");
        say(peer, "RCPT TO:<leo@example.org>", "250");
        say(peer, "DATA", "354");
        say(peer, ".", "250");
    }

    private static List<String> hello(SocketPeer peer) throws IOException {
        peer.send("EHLO client.example\r\n".getBytes(StandardCharsets.US_ASCII));
        List<String> lines = new ArrayList<>();
        String line;
        do {
            line = peer.line().orElseThrow();
            lines.add(line.substring(4));
        } while (line.startsWith("-", 3));
        return lines;
    }

    private static void say(SocketPeer peer, String line, String reply) throws IOException {
        peer.send((line + "\r\n").getBytes(StandardCharsets.US_ASCII));
        expect(peer, reply);
    }

    private static void expect(SocketPeer peer, String reply) throws IOException {
        assertThat(peer.line()).hasValueSatisfying(line -> assertThat(line).startsWith(reply));
    }
}
