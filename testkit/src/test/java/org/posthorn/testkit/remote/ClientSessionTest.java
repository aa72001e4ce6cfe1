package org.posthorn.testkit.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.posthorn.api.mail.Content;
import org.posthorn.api.mail.Envelope;
import org.posthorn.api.mail.Mailbox;
import org.posthorn.api.mail.Parameters;
import org.posthorn.api.mail.Recipient;
import org.posthorn.api.mail.ReversePath;
import org.posthorn.api.smtp.Reply;
import org.posthorn.smtp.EventLoops;
import org.posthorn.smtp.client.Answer;
import org.posthorn.smtp.client.ClientException;
import org.posthorn.smtp.client.ClientException.Step;
import org.posthorn.smtp.client.ClientSession;
import org.posthorn.smtp.client.ClientTimeouts;
import org.posthorn.smtp.client.ClientTls;
import org.posthorn.smtp.client.Protocol;
import org.posthorn.smtp.client.Receipt;
import org.posthorn.smtp.client.SmtpClient;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;

/// The client session, against servers that behave and servers that do not.
@Timeout(60)
class ClientSessionTest {
    private static final EventLoops LOOPS = EventLoops.start(1);
    private static final Envelope LETTER = letter("leo@example.org");

    private final SmtpClient client = client(ClientTimeouts.all(Duration.ofSeconds(20)));
    private final SmtpClient impatient = client(ClientTimeouts.all(Duration.ofMillis(200)));

    private static SmtpClient client(ClientTimeouts timeouts) {
        return new SmtpClient(LOOPS, timeouts, ClientTls.standard(), new Random(1));
    }

    @AfterAll
    static void stop() {
        LOOPS.close();
    }

    private static Envelope letter(String... recipients) {
        Envelope envelope =
                Envelope.from(ReversePath.of(Mailbox.parse("mona@example.net")), Parameters.NONE);
        for (String recipient : recipients) {
            envelope = envelope.to(Recipient.of(Mailbox.parse(recipient)));
        }
        return envelope;
    }

    private static Envelope with(Envelope envelope, String keyword, String value) {
        return new Envelope(
                envelope.sender(), new Parameters(Map.of(keyword, value)), envelope.recipients());
    }

    private static Content content(String text) {
        byte[] octets = text.getBytes(StandardCharsets.UTF_8);
        return content(octets.length, octets);
    }

    private static Content content(long size, byte[] octets) {
        return new Content() {
            @Override
            public long size() {
                return size;
            }

            @Override
            public InputStream open() {
                return new ByteArrayInputStream(octets);
            }
        };
    }

    private ClientSession session(ScriptedRemote remote)
            throws ClientException, InterruptedException {
        return session(client, remote, Protocol.SMTP);
    }

    private static ClientSession session(SmtpClient by, ScriptedRemote remote, Protocol protocol)
            throws ClientException, InterruptedException {
        ClientSession session = by.connect(remote.address(), protocol);
        session.hello("client.example");
        return session;
    }

    private static ClientException broken(Receipt receipt) {
        return receipt.broken().orElseThrow();
    }

    private static List<Integer> codes(Receipt receipt) {
        return receipt.answers().stream()
                .map(
                        answer ->
                                switch (answer) {
                                    case Answer.Said(Reply reply) -> reply.code();
                                    case Answer.Unfit(Reply reply) -> -reply.code();
                                    case Answer.Nothing() -> 0;
                                })
                .toList();
    }

    @Test
    void deliversWithPipelining() throws Exception {
        MailSink sink = new MailSink();
        try (var remote = ScriptedRemote.playing(sink);
                var session = session(remote)) {
            Receipt receipt = session.send(LETTER, content("Subject: x\r\n\r\n.dot\r\n"));

            assertThat(codes(receipt)).containsExactly(250);
            assertThat(sink.next().content()).isEqualTo("Subject: x\r\n\r\n.dot\r\n");
            assertThat(remote.heard())
                    .containsExactly(
                            "EHLO client.example",
                            "MAIL FROM:<mona@example.net>",
                            "RCPT TO:<leo@example.org>",
                            "DATA");
        }
    }

    @Test
    void saysQuitBeforeItGoes() throws Exception {
        var goodbye = new CompletableFuture<String>();
        try (var remote =
                        ScriptedRemote.playing(
                                client -> {
                                    client.say("220 mx.example");
                                    client.hear("EHLO");
                                    client.say("250 mx.example");
                                    goodbye.complete(client.hear());
                                    client.say("221 mx.example");
                                });
                var session = session(remote)) {
            session.quit();
            assertThat(goodbye).succeedsWithin(Duration.ofSeconds(20)).isEqualTo("QUIT");
        }
    }

    @Test
    void waitsForEachReplyWhereTheServerDoesNotOfferPipelining() throws Exception {
        MailSink sink = new MailSink().offering("SIZE 1000");
        try (var remote = ScriptedRemote.playing(sink);
                var session = session(remote)) {
            assertThat(codes(session.send(LETTER, content("x\r\n")))).containsExactly(250);
            assertThat(sink.next().mail()).isEqualTo("MAIL FROM:<mona@example.net> SIZE=3");
        }
    }

    @Test
    void fallsBackToHelo() throws Exception {
        try (var remote =
                        ScriptedRemote.playing(
                                client -> {
                                    client.say("220 old.example");
                                    client.hear("EHLO");
                                    client.say("502 What?");
                                    client.hear("HELO client.example");
                                    client.say("250 Hello");
                                    client.hear("MAIL");
                                });
                var session = client.connect(remote.address(), Protocol.SMTP)) {
            assertThat(session.hello("client.example").keywords()).isEmpty();
        }
    }

    @Test
    void keepsTheReplyOfEachRecipient() throws Exception {
        MailSink sink =
                new MailSink()
                        .answering(
                                line ->
                                        line.contains("nobody")
                                                ? "550 5.1.1 Unknown"
                                                : line.contains("later")
                                                        ? "450 4.2.1 Later"
                                                        : "250 Ok");
        try (var remote = ScriptedRemote.playing(sink);
                var session = session(remote)) {
            Envelope three = letter("leo@example.org", "nobody@example.org", "later@example.org");

            assertThat(codes(session.send(three, content("x\r\n")))).containsExactly(250, 550, 450);
            assertThat(sink.next().rcpt()).containsExactly("RCPT TO:<leo@example.org>");
        }
    }

    @Test
    void sendsNothingWhereNobodyIsAcceptedAndGoesOnWithTheNext() throws Exception {
        MailSink sink =
                new MailSink()
                        .answering(
                                line -> line.contains("nobody") ? "550 5.1.1 Unknown" : "250 Ok");
        try (var remote = ScriptedRemote.playing(sink);
                var session = session(remote)) {
            assertThat(codes(session.send(letter("nobody@example.org"), content("x\r\n"))))
                    .containsExactly(550);
            assertThat(codes(session.send(LETTER, content("y\r\n")))).containsExactly(250);
            assertThat(sink.next().content()).isEqualTo("y\r\n");
            assertThat(remote.heard()).contains("RSET");
        }
    }

    @Test
    void hearsOneReplyPerRecipientInLmtp() throws Exception {
        MailSink sink =
                new MailSink()
                        .lmtp()
                        .ending(line -> line.contains("full") ? "452 4.2.2 Full" : "250 2.0.0 Ok");
        try (var remote = ScriptedRemote.playing(sink);
                var session = session(client, remote, Protocol.LMTP)) {
            Envelope two = letter("full@example.org", "leo@example.org");

            assertThat(codes(session.send(two, content("x\r\n")))).containsExactly(452, 250);
            assertThat(remote.heard()).first().isEqualTo("LHLO client.example");
        }
    }

    @Test
    void securesTheSession(@TempDir Path directory) throws Exception {
        MailSink sink =
                new MailSink().secured(RemoteTls.selfSigned("mx.example", directory).context());
        try (var remote = ScriptedRemote.playing(sink);
                var session = session(remote)) {
            assertThat(session.startTls("mx.example")).isTrue();
            session.hello("client.example");
            String big = "0123456789abcdef\r\n".repeat(100_000);

            assertThat(codes(session.send(LETTER, content(big)))).containsExactly(250);
            MailSink.Arrived arrived = sink.next();
            assertThat(arrived.secured()).isTrue();
            assertThat(arrived.content()).hasSize(big.length());
        }
    }

    @Test
    void goesOnInClearWhenTheServerRefusesTls() throws Exception {
        MailSink sink = new MailSink();
        try (var remote = ScriptedRemote.playing(sink);
                var session = session(remote)) {
            assertThat(session.startTls("mx.example")).isFalse();
            assertThat(codes(session.send(LETTER, content("x\r\n")))).containsExactly(250);
        }
    }

    @Test
    void refusesWhatComesInClearBehindTheGoAhead() throws Exception {
        try (var remote =
                        ScriptedRemote.playing(
                                client -> {
                                    client.say("220 mx.example");
                                    client.hear("EHLO");
                                    client.say("250 STARTTLS");
                                    client.hear("STARTTLS");
                                    client.say("220 Go", "250 injected");
                                    client.hearAll();
                                });
                var session = session(remote)) {
            assertThatThrownBy(() -> session.startTls("mx.example"))
                    .isInstanceOfSatisfying(
                            ClientException.class, e -> assertThat(e.step()).isEqualTo(Step.TLS));
        }
    }

    @Test
    void tellsWhenTheHandshakeFails() throws Exception {
        try (var remote =
                        ScriptedRemote.playing(
                                client -> {
                                    client.say("220 mx.example");
                                    client.hear("EHLO");
                                    client.say("250 STARTTLS");
                                    client.hear("STARTTLS");
                                    client.say("220 Go");
                                    client.octets(new byte[100]);
                                    client.hearAll();
                                });
                var session = session(remote)) {
            assertThatThrownBy(() -> session.startTls("mx.example"))
                    .isInstanceOfSatisfying(
                            ClientException.class, e -> assertThat(e.step()).isEqualTo(Step.TLS));
        }
    }

    @Test
    void doesNotSendWhatTheServerHasNoRoomFor() throws Exception {
        MailSink sink = new MailSink().offering("SIZE 2");
        try (var remote = ScriptedRemote.playing(sink);
                var session = session(remote)) {
            Receipt receipt = session.send(LETTER, content("x\r\n"));

            assertThat(receipt.answers().getFirst())
                    .isInstanceOfSatisfying(
                            Answer.Unfit.class,
                            unfit -> assertThat(unfit.reply().toString()).startsWith("554 5.3.4"));
        }
    }

    @Test
    void sendsADeclaredEightBitMessageAsSevenBitWhereItIsThat() throws Exception {
        MailSink sink = new MailSink().offering();
        try (var remote = ScriptedRemote.playing(sink);
                var session = session(remote)) {
            Envelope declared = with(LETTER, "BODY", "8BITMIME");

            assertThat(codes(session.send(declared, content("x\r\n")))).containsExactly(250);
            assertThat(sink.next().mail()).isEqualTo("MAIL FROM:<mona@example.net>");
            assertThat(codes(session.send(declared, content("caf\u00e9\r\n"))))
                    .containsExactly(-554);
        }
    }

    @Test
    void needsSmtpUtf8OnlyWhereTheMessageDoes() throws Exception {
        MailSink sink = new MailSink().offering();
        try (var remote = ScriptedRemote.playing(sink);
                var session = session(remote)) {
            Envelope declared = with(LETTER, "SMTPUTF8", "");

            assertThat(codes(session.send(declared, content("S: x\r\n\r\nx\r\n"))))
                    .containsExactly(250);
            assertThat(codes(session.send(declared, content("S: caf\u00e9\r\n\r\n"))))
                    .containsExactly(-554);
            assertThat(codes(session.send(letter("caf\u00e9@example.org"), content("x\r\n"))))
                    .containsExactly(-554);
        }
    }

    @Test
    void writesInternationalDomainsAsTheServerCanReadThem() throws Exception {
        MailSink sink = new MailSink().offering();
        try (var remote = ScriptedRemote.playing(sink);
                var session = session(remote)) {
            session.send(letter("leo@b\u00fccher.example"), content("x\r\n"));

            assertThat(sink.next().rcpt()).containsExactly("RCPT TO:<leo@xn--bcher-kva.example>");
        }
    }

    @Test
    void neverSendsABareLineEnd() throws Exception {
        MailSink sink = new MailSink();
        try (var remote = ScriptedRemote.playing(sink);
                var session = session(remote)) {
            Receipt receipt =
                    session.send(LETTER, content("a\n.\r\nMAIL FROM:<eve@example.com>\r\n"));

            assertThat(broken(receipt).reply().toString()).startsWith("554 5.6.0");
        }
        assertThat(sink.waiting()).isZero();
    }

    @Test
    void neverEndsAMessageThatTheStoreCutShort() throws Exception {
        MailSink sink = new MailSink();
        try (var remote = ScriptedRemote.playing(sink);
                var session = session(remote)) {
            Receipt receipt = session.send(LETTER, content(100, "short\r\n".getBytes()));

            assertThat(broken(receipt).reply().code()).isEqualTo(451);
        }
        assertThat(sink.waiting()).isZero();
    }

    @Test
    void streamsFiftyMebibytesInBoundedMemory() throws Exception {
        byte[] line = "x".repeat(998).concat("\r\n").getBytes(StandardCharsets.US_ASCII);
        long lines = 52_000;
        try (var remote = ScriptedRemote.playing(new CountingSink());
                var session = session(remote)) {
            Receipt receipt = session.send(LETTER, new Repeated(line, lines));

            assertThat(receipt.answers().getFirst())
                    .isEqualTo(new Answer.Said(Reply.plain(250, lines * 1000 + " octets")));
        }
    }

    @Test
    void tellsAtWhichStepTheServerFellSilent() throws Exception {
        try (var remote =
                ScriptedRemote.playing(
                        RemoteConnection::hearAll,
                        client -> {
                            client.say("220 mx.example");
                            client.hearAll();
                        },
                        client -> {
                            client.say("220 mx.example");
                            client.hear("EHLO");
                            client.say("250-mx.example", "250 PIPELINING");
                            client.hearAll();
                        },
                        client -> {
                            client.say("220 mx.example");
                            client.hear("EHLO");
                            client.say("250-mx.example", "250 PIPELINING");
                            client.hear("MAIL");
                            client.say("250 ok", "250 ok", "354 go");
                            client.hearContent();
                            client.hearAll();
                        })) {
            assertThatThrownBy(() -> impatient.connect(remote.address(), Protocol.SMTP))
                    .isInstanceOfSatisfying(ClientException.class, at(Step.GREETING));
            assertThatThrownBy(() -> session(impatient, remote, Protocol.SMTP))
                    .isInstanceOfSatisfying(ClientException.class, at(Step.HELLO));
            assertThat(broken(sendImpatiently(remote)).step()).isEqualTo(Step.MAIL);
            assertThat(broken(sendImpatiently(remote)).step()).isEqualTo(Step.END);
        }
    }

    private static java.util.function.Consumer<ClientException> at(Step step) {
        return e -> {
            assertThat(e.step()).isEqualTo(step);
            assertThat(e.reply().toString()).startsWith("421 4.4.2");
        };
    }

    private Receipt sendImpatiently(ScriptedRemote remote) throws Exception {
        try (var session = session(impatient, remote, Protocol.SMTP)) {
            return session.send(LETTER, content("x\r\n"));
        }
    }

    @Test
    void tellsWhenNobodyListens() throws Exception {
        var remote = ScriptedRemote.playing(new MailSink());
        remote.close();

        assertThatThrownBy(() -> client.connect(remote.address(), Protocol.SMTP))
                .isInstanceOfSatisfying(
                        ClientException.class,
                        e -> assertThat(e.reply().toString()).contains("4.4.1", "refused"));
    }

    @Test
    void takesARefusalToTalkAsTransient() throws Exception {
        try (var remote = ScriptedRemote.playing(client -> client.say("554 5.7.1 Not you"))) {
            assertThatThrownBy(() -> client.connect(remote.address(), Protocol.SMTP))
                    .isInstanceOfSatisfying(
                            ClientException.class,
                            e -> {
                                assertThat(e.step()).isEqualTo(Step.GREETING);
                                assertThat(e.reply().isTransient()).isTrue();
                                assertThat(e.reply().text()).contains("554 5.7.1 Not you");
                            });
        }
    }

    @Test
    void takesAClosingServerAsNoAnswer() throws Exception {
        try (var remote =
                ScriptedRemote.playing(
                        script("421 4.3.2 Shutting down"), script("250 ok", "550 no", "421 bye"))) {
            Receipt first = send(remote, LETTER);
            assertThat(codes(first)).containsExactly(0);
            assertThat(broken(first).reply().text()).contains("Shutting down");

            Receipt second = send(remote, letter("a@example.org", "b@example.org"));
            assertThat(codes(second)).containsExactly(550, 0);
        }
    }

    @Test
    void givesUpAServerThatBreaksTheProtocol() throws Exception {
        String megabyte = "250-" + "x".repeat(1000) + "\r\n";
        List<ScriptedRemote.Script> liars =
                List.of(
                        script("nonsense"),
                        script("354 what?", "250 ok", "354 go"),
                        script("250 ok", "250 ok", "250 ok"),
                        script("550 no", "250 ok", "354 go"),
                        script("250 ok", "250 ok", "354 go", "250 ok already"),
                        script(megabyte.repeat(1000)));
        try (var remote = ScriptedRemote.playing(liars.toArray(ScriptedRemote.Script[]::new))) {
            for (int i = 0; i < liars.size(); i++) {
                Receipt receipt = send(remote, LETTER);
                assertThat(codes(receipt)).as("liar %d", i).doesNotContain(250);
                assertThat(broken(receipt).reply().status().orElseThrow().toString())
                        .as("liar %d", i)
                        .isEqualTo("4.5.0");
            }
        }
    }

    private Receipt send(ScriptedRemote remote, Envelope envelope) throws Exception {
        try (var session = session(remote)) {
            return session.send(envelope, content("x\r\n"));
        }
    }

    /// Says all at once what it has to say to a transaction.
    private static ScriptedRemote.Script script(String... replies) {
        return client -> {
            client.say("220 mx.example");
            client.hear("EHLO");
            client.say("250-mx.example", "250 PIPELINING");
            client.hear("MAIL");
            client.say(replies);
            client.hearAll();
        };
    }

    @Test
    void hearsARefusalInTheMiddleOfTheContent() throws Exception {
        try (var remote =
                        ScriptedRemote.playing(
                                client -> {
                                    client.say("220 mx.example");
                                    client.hear("EHLO");
                                    client.say("250-mx.example", "250 PIPELINING");
                                    client.hear("MAIL");
                                    client.say("250 ok", "250 ok", "354 go");
                                    client.hear("RCPT");
                                    client.hear("DATA");
                                    client.hear("x");
                                    client.say("552 5.3.4 Too much");
                                    client.hearAll();
                                });
                var session = session(remote)) {
            byte[] line = "x".repeat(998).concat("\r\n").getBytes(StandardCharsets.US_ASCII);
            Receipt receipt = session.send(LETTER, new Repeated(line, 100_000));

            assertThat(codes(receipt)).containsExactly(552);
        }
    }

    /// One line, many times.
    private record Repeated(byte[] line, long count) implements Content {
        @Override
        public long size() {
            return line.length * count;
        }

        @Override
        public InputStream open() {
            return new InputStream() {
                private long at;

                @Override
                public int read() {
                    return at < size() ? line[(int) (at++ % line.length)] : -1;
                }

                @Override
                public int read(byte[] into, int from, int length) {
                    if (at >= size()) {
                        return -1;
                    }
                    int start = (int) (at % line.length);
                    int count = Math.min(length, line.length - start);
                    System.arraycopy(line, start, into, from, count);
                    at += count;
                    return count;
                }
            };
        }
    }

    /// Takes content without keeping it, and answers with its size.
    private static final class CountingSink implements ScriptedRemote.Script {
        @Override
        public void play(RemoteConnection client) throws IOException {
            client.say("220 mx.example");
            client.hear("EHLO");
            client.say("250-mx.example", "250 PIPELINING");
            client.hear("MAIL");
            client.hear("RCPT");
            client.hear("DATA");
            client.say("250 ok", "250 ok", "354 go");
            long octets = client.skipContent();
            client.say("250 " + octets + " octets");
            client.hearAll();
        }
    }
}
