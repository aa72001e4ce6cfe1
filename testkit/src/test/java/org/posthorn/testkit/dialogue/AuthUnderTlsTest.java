package org.posthorn.testkit.dialogue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.posthorn.api.auth.ScramHash;
import org.posthorn.smtp.EventLoops;
import org.posthorn.smtp.sasl.Gs2Header;
import org.posthorn.smtp.sasl.SaslText;
import org.posthorn.smtp.sasl.Scram;
import org.posthorn.smtp.sasl.ScramMessage;
import org.posthorn.smtp.server.SmtpServer;
import org.posthorn.testkit.ManualClock;
import org.posthorn.testkit.RecordingIntake;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Optional;

import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;

/// Authentication that is bound to TLS (RFC 5802 §6): whoever stands between client and server
/// cannot pass it on.
class AuthUnderTlsTest {
    private static EventLoops loops;
    private static SmtpServer server;
    private static InetSocketAddress address;

    @BeforeAll
    static void start() throws Exception {
        loops = EventLoops.start(1);
        server =
                TestServers.submission(
                        TestServers.known(TestServers.mona()),
                        TestServers.patient(),
                        Optional.of(TestTls.server(TestServers.SUBMISSION.clientPolicy())),
                        new RecordingIntake(),
                        _ -> {},
                        ManualClock.atNoon(),
                        loops);
        address = server.start().get("submission");
    }

    @AfterAll
    static void stop() {
        server.close();
        loops.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"tls-exporter", "tls-server-end-point"})
    void isBoundByEither(String type) throws Exception {
        try (SocketPeer secured = secured()) {
            byte[] binding = binding(type, secured.tls().orElseThrow());
            var header = new Gs2Header(new Gs2Header.Binding.By(type), Optional.empty());
            String proof = proof(secured, "SCRAM-SHA-256-PLUS", header, binding);
            secured.say(proof, "334 ");
            secured.say("", "235 2.7.0");
        }
    }

    @Test
    void anotherConnectionsBindingIsNone() throws Exception {
        try (SocketPeer secured = secured();
                SocketPeer other = secured()) {
            byte[] binding = binding("tls-exporter", other.tls().orElseThrow());
            var header = new Gs2Header(new Gs2Header.Binding.By("tls-exporter"), Optional.empty());
            String proof = proof(secured, "SCRAM-SHA-256-PLUS", header, binding);
            secured.say(proof, "535 5.7.8");
        }
    }

    @Test
    void whoThinksThatWeCannotBindIsDeceived() throws Exception {
        try (SocketPeer secured = secured()) {
            String first = SaslText.base64(SaslText.octetsOf("y,,n=mona,r=abc"));
            secured.say("AUTH SCRAM-SHA-256 " + first, "535 5.7.8");
        }
    }

    @Test
    void whoCannotBindNeedNot() throws Exception {
        try (SocketPeer secured = secured()) {
            var header = new Gs2Header(Gs2Header.Binding.NONE, Optional.empty());
            String proof = proof(secured, "SCRAM-SHA-256", header, new byte[0]);
            secured.say(proof, "334 ");
            secured.say("", "235 2.7.0");
        }
    }

    /// Each would cost as much as the first, and no limit would count it.
    @Test
    void hasNoSecondHandshake() throws Exception {
        try (Socket socket = new Socket(address.getAddress(), address.getPort())) {
            socket.getOutputStream()
                    .write("EHLO x\r\nSTARTTLS\r\n".getBytes(StandardCharsets.UTF_8));
            var replies =
                    new BufferedReader(
                            new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
            assertThat(replies.lines().anyMatch(it -> it.startsWith("220 2.0.0"))).isTrue();
            SSLSocket secured =
                    (SSLSocket)
                            TestTls.client("nobody")
                                    .getSocketFactory()
                                    .createSocket(socket, "", 0, true);
            secured.setEnabledProtocols(new String[] {"TLSv1.2"});
            secured.startHandshake();
            secured.startHandshake();
            secured.getOutputStream().write("NOOP\r\n".getBytes(StandardCharsets.UTF_8));
            assertThatExceptionOfType(SSLException.class)
                    .isThrownBy(() -> secured.getInputStream().read());
        }
    }

    private static SocketPeer secured() throws Exception {
        var peer = new SocketPeer(address);
        peer.expect("220");
        peer.say("EHLO client.example", "250");
        peer.say("STARTTLS", "220");
        peer.secure();
        peer.say("EHLO client.example", "250 AUTH SCRAM-SHA-256-PLUS SCRAM-SHA-256 PLAIN");
        return peer;
    }

    private static byte[] binding(String type, SSLSession session) throws Exception {
        return type.equals("tls-exporter")
                ? ((ExtendedSSLSession) session)
                        .exportKeyingMaterialData("EXPORTER-Channel-Binding", new byte[0], 32)
                : MessageDigest.getInstance("SHA-256")
                        .digest(session.getPeerCertificates()[0].getEncoded());
    }

    /// Leads an exchange up to the client's proof.
    private static String proof(Peer peer, String mechanism, Gs2Header header, byte[] binding)
            throws Exception {
        var first = ScramMessage.ClientFirst.of(header, "mona", "abc");
        peer.send("AUTH " + mechanism + " " + SaslText.base64(first.octets()) + "\r\n");
        var server =
                ScramMessage.ServerFirst.parse(
                        ByteBuffer.wrap(SaslText.octets(peer.reply().getFirst()).orElseThrow()));
        byte[] head = header.text().getBytes(StandardCharsets.UTF_8);
        ByteBuffer bound =
                ByteBuffer.allocate(head.length + binding.length).put(head).put(binding).flip();
        String withoutProof = ScramMessage.ClientFinal.withoutProof(bound, server.nonce());
        ByteBuffer proof =
                Scram.clientProof(
                        ScramHash.SHA_256,
                        "pencil",
                        server,
                        Scram.conversation(first, server, withoutProof));
        String last = withoutProof + ",p=" + SaslText.base64(proof);
        return SaslText.base64(SaslText.octetsOf(last));
    }
}
