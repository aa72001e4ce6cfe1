package org.posthorn.testkit.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.posthorn.api.auth.ScramHash;
import org.posthorn.api.auth.ScramRecord;
import org.posthorn.api.mail.Content;
import org.posthorn.api.mail.Envelope;
import org.posthorn.api.mail.Mailbox;
import org.posthorn.api.mail.Parameters;
import org.posthorn.api.mail.Recipient;
import org.posthorn.api.mail.ReversePath;
import org.posthorn.api.smtp.Reply;
import org.posthorn.smtp.EventLoops;
import org.posthorn.smtp.client.Answer;
import org.posthorn.smtp.client.BareLineEnds;
import org.posthorn.smtp.client.Capabilities;
import org.posthorn.smtp.client.ClientException;
import org.posthorn.smtp.client.ClientSession;
import org.posthorn.smtp.client.ClientTimeouts;
import org.posthorn.smtp.client.ClientTls;
import org.posthorn.smtp.client.Credentials;
import org.posthorn.smtp.client.Origin;
import org.posthorn.smtp.client.Protocol;
import org.posthorn.smtp.client.Receipt;
import org.posthorn.smtp.client.SmtpClient;
import org.posthorn.smtp.client.TlsFacts;
import org.posthorn.smtp.sasl.SaslText;
import org.posthorn.smtp.sasl.Scram;
import org.posthorn.smtp.sasl.ScramMessage;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/// What the client does with the extensions that a server offers.
@Timeout(60)
class ClientExtensionsTest {
    private static final EventLoops LOOPS = EventLoops.start(1);
    private static final Credentials PASSWORD = new Credentials.Password("mona", "pencil, =x");

    private final SmtpClient client = client(ClientTls.standard());

    private static SmtpClient client(ClientTls tls) {
        return new SmtpClient(
                LOOPS, ClientTimeouts.all(Duration.ofSeconds(20)), tls, new Random(1));
    }

    @AfterAll
    static void stop() {
        LOOPS.close();
    }

    private static Envelope letter(Map<String, String> parameters, Recipient... recipients) {
        return new Envelope(
                ReversePath.of(Mailbox.parse("mona@example.net")),
                new Parameters(parameters),
                List.of(recipients));
    }

    private static Recipient to(String mailbox) {
        return Recipient.of(Mailbox.parse(mailbox));
    }

    private static Recipient to(String mailbox, Map<String, String> parameters) {
        return new Recipient(Mailbox.parse(mailbox), new Parameters(parameters));
    }

    private static Content content(String latin1) {
        byte[] octets = latin1.getBytes(StandardCharsets.ISO_8859_1);
        return new Content() {
            @Override
            public long size() {
                return octets.length;
            }

            @Override
            public InputStream open() {
                return new ByteArrayInputStream(octets);
            }
        };
    }

    private ClientSession session(ScriptedRemote remote)
            throws ClientException, InterruptedException {
        return session(remote, Protocol.SMTP);
    }

    private ClientSession session(ScriptedRemote remote, Protocol protocol)
            throws ClientException, InterruptedException {
        ClientSession session = client.connect(remote.address(), protocol);
        session.hello("client.example");
        return session;
    }

    private static List<String> said(Receipt receipt) {
        return receipt.answers().stream()
                .map(
                        answer ->
                                switch (answer) {
                                    case Answer.Said(Reply reply) -> reply.toString();
                                    case Answer.Unfit(Reply reply) -> "unfit " + reply;
                                    case Answer.Nothing() -> "nothing";
                                })
                .toList();
    }

    @Test
    void sendsASmallMessageInOneGoAsAChunk() throws Exception {
        MailSink sink = new MailSink().offering("PIPELINING", "CHUNKING", "8BITMIME");
        try (var remote = ScriptedRemote.playing(sink);
                var session = session(remote)) {
            String text = "S: x\r\n\r\n.\r\n..\r\nno end";
            for (int i = 0; i < 2; i++) {
                assertThat(said(session.send(letter(Map.of(), to("leo@a.example")), content(text))))
                        .containsExactly("250 2.0.0 Taken");
                assertThat(sink.next().content()).isEqualTo(text);
            }
            assertThat(remote.heard().subList(1, 4))
                    .containsExactly(
                            "MAIL FROM:<mona@example.net>",
                            "RCPT TO:<leo@a.example>",
                            "BDAT 21 LAST");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"CHUNKING", "PIPELINING"})
    void sendsALargeChunkOnceItIsKnownWhoTakesIt(String pipelining) throws Exception {
        MailSink sink =
                new MailSink()
                        .offering("CHUNKING", pipelining)
                        .answering(
                                line ->
                                        line.contains("nobody")
                                                ? "550 5.1.1 Unknown"
                                                : "250 2.1.5 Ok");
        String text = "a line of it\r\n".repeat(40_000);
        try (var remote = ScriptedRemote.playing(sink);
                var session = session(remote)) {
            assertThat(said(session.send(letter(Map.of(), to("nobody@a.example")), content(text))))
                    .containsExactly("550 5.1.1 Unknown");
            assertThat(
                            said(
                                    session.send(
                                            letter(
                                                    Map.of(),
                                                    to("nobody@a.example"),
                                                    to("leo@a.example")),
                                            content(text))))
                    .containsExactly("550 5.1.1 Unknown", "250 2.0.0 Taken");
            assertThat(sink.next().content()).isEqualTo(text);
            assertThat(remote.heard()).containsOnlyOnce("BDAT 560000 LAST").contains("RSET");
        }
    }

    @Test
    void saysWhereAMessageCameFrom() throws Exception {
        var origin =
                new Origin(Map.of("ADDR", "IPV6:2001:db8::1", "HELO", "a b+c", "PROTO", "ESMTP"));
        MailSink sink = new MailSink().offering("XFORWARD NAME ADDR PROTO HELO LATER");
        try (var remote = ScriptedRemote.playing(sink);
                var session = session(remote)) {
            for (int i = 0; i < 2; i++) {
                assertThat(session.forward(origin)).isEmpty();
                session.send(letter(Map.of(), to("leo@a.example")), content("x\r\n"));
                assertThat(sink.next().content()).isEqualTo("x\r\n");
            }
            String xforward =
                    "XFORWARD NAME=[UNAVAILABLE] ADDR=IPV6:2001:db8::1 PROTO=ESMTP"
                            + " HELO=a+20b+2Bc";
            assertThat(remote.heard().subList(1, 3))
                    .containsExactly(xforward, "MAIL FROM:<mona@example.net>");
            assertThat(remote.heard()).filteredOn(xforward::equals).hasSize(2);
        }
    }

    @Test
    void saysLongOriginsInSeveralCommands() throws Exception {
        var origin =
                new Origin(
                        Map.of(
                                "NAME",
                                "n".repeat(255),
                                "HELO",
                                "h".repeat(255),
                                "IDENT",
                                "i".repeat(256)));
        MailSink sink = new MailSink().offering("XFORWARD NAME HELO IDENT");
        try (var remote = ScriptedRemote.playing(sink);
                var session = session(remote)) {
            assertThat(session.forward(origin)).isEmpty();
            assertThat(remote.heard().subList(1, 3))
                    .containsExactly(
                            "XFORWARD NAME=" + "n".repeat(255),
                            "XFORWARD HELO=" + "h".repeat(255) + " IDENT=[UNAVAILABLE]");
        }
    }

    @Test
    void sendsAlsoWhereNobodyListensToWhereItCameFrom() throws Exception {
        var origin = new Origin(Map.of("ADDR", "192.0.2.1"));
        ScriptedRemote.Script refusing =
                remote -> {
                    remote.say("220 mx.example");
                    remote.hear("EHLO");
                    remote.say("250-mx.example", "250 XFORWARD ADDR");
                    remote.hear("XFORWARD ADDR=192.0.2.1");
                    remote.say("550 5.7.1 Not from you");
                    remote.hear("MAIL");
                    remote.say("550 5.7.1 Nor this");
                };
        MailSink deaf = new MailSink().offering("PIPELINING");
        try (var remote = ScriptedRemote.playing(refusing, deaf);
                var refused = session(remote);
                var unheard = session(remote)) {
            assertThat(refused.forward(origin)).contains(Reply.of(550, "5.7.1", "Not from you"));
            Envelope letter = letter(Map.of(), to("leo@a.example"));
            assertThat(said(refused.send(letter, content("x\r\n"))))
                    .containsExactly("550 5.7.1 Nor this");
            assertThat(unheard.forward(origin)).isEmpty();
            assertThat(said(unheard.send(letter, content("x\r\n"))))
                    .containsExactly("250 2.0.0 Taken");
            assertThat(remote.heard()).filteredOn(it -> it.startsWith("XFORWARD")).hasSize(1);
        }
    }

    @Test
    void resetsAfterARefusedChunk() throws Exception {
        MailSink sink =
                new MailSink()
                        .offering("PIPELINING", "CHUNKING")
                        .ending(
                                line ->
                                        line.contains("full")
                                                ? "452 4.3.1 No space"
                                                : "250 2.0.0 Taken");
        try (var remote = ScriptedRemote.playing(sink);
                var session = session(remote)) {
            assertThat(said(session.send(letter(Map.of(), to("full@a.example")), content("x\r\n"))))
                    .containsExactly("452 4.3.1 No space");
            assertThat(said(session.send(letter(Map.of(), to("leo@a.example")), content("x\r\n"))))
                    .containsExactly("250 2.0.0 Taken");
            assertThat(remote.heard()).containsOnlyOnce("RSET");
        }
    }

    @Test
    void doesNotKnowWhetherAServerThatFallsSilentHasTakenTheChunk() throws Exception {
        ScriptedRemote.Script script =
                remote -> {
                    remote.say("220 mx.example");
                    remote.hear("EHLO");
                    remote.say("250-mx.example", "250-PIPELINING", "250 CHUNKING");
                    remote.hear("MAIL");
                    remote.hear("RCPT");
                    remote.hear("BDAT 3 LAST");
                    remote.hearOctets(3);
                };
        try (var remote = ScriptedRemote.playing(script);
                var session = session(remote)) {
            Receipt receipt = session.send(letter(Map.of(), to("leo@a.example")), content("x\r\n"));
            assertThat(said(receipt)).containsExactly("nothing");
            assertThat(receipt.broken().orElseThrow().step()).isEqualTo(ClientException.Step.END);
        }
    }

    @Test
    void takesEachRecipientsReplyToAChunkInLmtp() throws Exception {
        MailSink sink =
                new MailSink()
                        .lmtp()
                        .offering("PIPELINING", "CHUNKING")
                        .ending(line -> line.contains("full") ? "452 4.2.2 Full" : "250 2.0.0 Ok");
        try (var remote = ScriptedRemote.playing(sink);
                var session = session(remote, Protocol.LMTP)) {
            assertThat(
                            said(
                                    session.send(
                                            letter(
                                                    Map.of(),
                                                    to("full@a.example"),
                                                    to("leo@a.example")),
                                            content("x\r\n"))))
                    .containsExactly("452 4.2.2 Full", "250 2.0.0 Ok");
        }
    }

    @Test
    void sendsAnyOctetsToAServerThatTakesBinary() throws Exception {
        MailSink sink = new MailSink().offering("PIPELINING", "CHUNKING", "BINARYMIME");
        String text = "S: x\r\n\r\n\0\r.\n.\r\n\u00ff\n.\n";
        try (var remote = ScriptedRemote.playing(sink);
                var session = session(remote)) {
            Envelope binary = letter(Map.of("BODY", "BINARYMIME"), to("leo@a.example"));
            assertThat(said(session.send(binary, content(text))))
                    .containsExactly("250 2.0.0 Taken");
            MailSink.Arrived arrived = sink.next();
            assertThat(arrived.content()).isEqualTo(text);
            assertThat(arrived.mail()).endsWith(" BODY=BINARYMIME");
        }
    }

    @Test
    void doesNotSendBinaryToOthersUnlessItIsNot() throws Exception {
        MailSink sink = new MailSink().offering("PIPELINING", "CHUNKING", "8BITMIME");
        try (var remote = ScriptedRemote.playing(sink);
                var session = session(remote)) {
            Envelope binary = letter(Map.of("BODY", "binarymime"), to("leo@a.example"));
            for (String text :
                    List.of(
                            "S: x\r\n\r\na\0b\r\n",
                            "S: x\r\n\r\na\nb\r\n",
                            "S: x\r\n\r\na\r",
                            "S: x\r\n\r\n" + "x".repeat(999) + "\r\n",
                            "S: x\r\nContent-transfer-encoding:  BINARY\r\n\r\nx\r\n")) {
                assertThat(said(session.send(binary, content(text))))
                        .singleElement()
                        .asString()
                        .startsWith("unfit 554 5.6.3");
            }
            assertThat(said(session.send(binary, content("S: x\r\n\r\n\u00e9\r\n"))))
                    .containsExactly("250 2.0.0 Taken");
            assertThat(sink.next().mail()).endsWith(" BODY=8BITMIME");
            assertThat(said(session.send(binary, content("S: x\r\n\r\ne\r\n"))))
                    .containsExactly("250 2.0.0 Taken");
            assertThat(sink.next().mail()).endsWith("net>");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a\n.\nMAIL FROM:<eve@x>\r\n",
                "a\n.\r\nMAIL FROM:<eve@x>\r\n",
                "a\r\n.\nMAIL FROM:<eve@x>\r\n",
                "a\r.\rMAIL FROM:<eve@x>\r\n",
                "a\r\n.\rMAIL FROM:<eve@x>\r\n",
                "a\r\n\0.\r\nMAIL FROM:<eve@x>\r\n",
                "a\r\0\n.\r\0\nMAIL FROM:<eve@x>\r\n"
            })
    void refusesWhatCouldBeTakenForTwoMessagesOrMendsIt(String text) throws Exception {
        for (String chunking : List.of("PIPELINING", "CHUNKING")) {
            MailSink sink = new MailSink().offering("PIPELINING", chunking);
            Envelope letter = letter(Map.of(), to("leo@a.example"));
            try (var remote = ScriptedRemote.playing(sink)) {
                try (var session = session(remote)) {
                    Receipt receipt = session.send(letter, content(text));
                    assertThat(receipt.broken().orElseThrow().reply().toString())
                            .startsWith("554 5.6.0");
                }
                try (var session = session(remote)) {
                    assertThat(said(session.send(letter, content(text), BareLineEnds.NORMALISE)))
                            .containsExactly("250 2.0.0 Taken");
                    session.quit();
                }
                assertThat(sink.next().content())
                        .contains("MAIL FROM:<eve@x>\r\n")
                        .endsWith("\r\n")
                        .doesNotContain("\r\n\r\n");
                assertThat(sink.waiting()).isZero();
                assertThat(remote.heard()).doesNotContain("MAIL FROM:<eve@x>");
            }
        }
    }

    @Test
    void handsOnWhatTheSenderWantsToBeTold() throws Exception {
        MailSink sink = new MailSink().offering("PIPELINING", "DSN", "SMTPUTF8", "8BITMIME");
        try (var remote = ScriptedRemote.playing(sink);
                var session = session(remote)) {
            session.send(
                    letter(
                            Map.of("RET", "HDRS", "ENVID", "QQ+2B1", "HOLDFOR", "60", "SIZE", "9"),
                            to("leo@a.example", Map.of("NOTIFY", "SUCCESS,DELAY")),
                            to("a+b@a.example", Map.of("NOTIFY", "NEVER", "ORCPT", "rfc822;x@y"))),
                    content("x\r\n"));
            MailSink.Arrived arrived = sink.next();
            assertThat(arrived.mail())
                    .isEqualTo("MAIL FROM:<mona@example.net> RET=HDRS ENVID=QQ+2B1");
            assertThat(arrived.rcpt())
                    .containsExactly(
                            "RCPT TO:<leo@a.example> NOTIFY=SUCCESS,DELAY"
                                    + " ORCPT=rfc822;leo@a.example",
                            "RCPT TO:<a+b@a.example> NOTIFY=NEVER ORCPT=rfc822;x@y");
            session.send(letter(Map.of(), to("l\u00e9o+x@a.example")), content("x\r\n"));
            assertThat(sink.next().rcpt().getFirst())
                    .endsWith(" ORCPT=utf-8;l\\x{E9}o\\x{2B}x@a.example");
        }
    }

    @Test
    void handsOnAnOriginalRecipientInUtf8SoThatAnybodyTakesIt() throws Exception {
        MailSink sink = new MailSink().offering("DSN");
        try (var remote = ScriptedRemote.playing(sink);
                var session = session(remote)) {
            session.send(
                    letter(
                            Map.of(),
                            to("leo@a.example", Map.of("ORCPT", "utf-8;l\u00e9o@b.example"))),
                    content("x\r\n"));
            assertThat(sink.next().rcpt())
                    .containsExactly("RCPT TO:<leo@a.example> ORCPT=utf-8;l\\x{E9}o@b.example");
        }
    }

    @Test
    void neverPutsAnythingIntoACommandThatDoesNotBelongThere() throws Exception {
        MailSink sink = new MailSink().offering("DSN");
        try (var remote = ScriptedRemote.playing(sink);
                var session = session(remote)) {
            session.send(
                    letter(
                            Map.of("ENVID", "x\r\nRSET", "RET", "FULL SIZE=1"),
                            to("leo@a.example", Map.of("ORCPT", "rfc822;a b"))),
                    content("x\r\n"));
            assertThat(sink.next().mail()).isEqualTo("MAIL FROM:<mona@example.net>");
            assertThat(remote.heard()).contains("RCPT TO:<leo@a.example>").doesNotContain("RSET");
        }
    }

    @Test
    void handsOnPriorityDeadlineAndRequireTls() throws Exception {
        MailSink sink = new MailSink().offering("MT-PRIORITY", "DELIVERBY 60,new", "REQUIRETLS");
        try (var remote = ScriptedRemote.playing(sink);
                var session = session(remote)) {
            session.send(
                    letter(
                            Map.of("MT-PRIORITY", "-3", "BY", "90;RT", "REQUIRETLS", ""),
                            to("leo@a.example")),
                    content("x\r\n"));
            assertThat(sink.next().mail())
                    .isEqualTo("MAIL FROM:<mona@example.net> MT-PRIORITY=-3 BY=90;RT REQUIRETLS");
            assertThat(
                            said(
                                    session.send(
                                            letter(Map.of("BY", "59;R"), to("leo@a.example")),
                                            content("x\r\n"))))
                    .singleElement()
                    .asString()
                    .startsWith("unfit 554 5.4.7");
        }
    }

    @Test
    void handsOnNoPriorityWhereNobodyTakesIt() throws Exception {
        MailSink sink = new MailSink().offering("PIPELINING");
        try (var remote = ScriptedRemote.playing(sink);
                var session = session(remote)) {
            session.send(letter(Map.of("MT-PRIORITY", "9"), to("leo@a.example")), content("x\r\n"));
            assertThat(sink.next().mail()).isEqualTo("MAIL FROM:<mona@example.net>");
        }
    }

    @Test
    void sendsNothingThatTheServerCannotPromise() throws Exception {
        MailSink sink = new MailSink().offering("PIPELINING");
        try (var remote = ScriptedRemote.playing(sink);
                var session = session(remote)) {
            assertThat(
                            said(
                                    session.send(
                                            letter(Map.of("REQUIRETLS", ""), to("leo@a.example")),
                                            content("x\r\n"))))
                    .singleElement()
                    .asString()
                    .startsWith("unfit 554 5.7.30");
            assertThat(
                            said(
                                    session.send(
                                            letter(Map.of("BY", "600;R"), to("leo@a.example")),
                                            content("x\r\n"))))
                    .singleElement()
                    .asString()
                    .startsWith("unfit 554 5.3.3");
            session.send(
                    letter(Map.of("BY", "600;N", "MT-PRIORITY", "4"), to("leo@a.example")),
                    content("x\r\n"));
            assertThat(sink.next().mail()).isEqualTo("MAIL FROM:<mona@example.net>");
        }
    }

    @Test
    void takesEachRecipientsReplyWhereTheServerGivesIt() throws Exception {
        for (String chunking : List.of("PIPELINING", "CHUNKING")) {
            MailSink sink =
                    new MailSink()
                            .offering("PIPELINING", "PRDR", chunking)
                            .ending(
                                    line ->
                                            line.contains("strict")
                                                    ? "550 5.7.1 Not for me"
                                                    : "250 2.0.0 Taken");
            try (var remote = ScriptedRemote.playing(sink);
                    var session = session(remote)) {
                assertThat(
                                said(
                                        session.send(
                                                letter(
                                                        Map.of(),
                                                        to("strict@a.example"),
                                                        to("leo@a.example")),
                                                content("x\r\n"))))
                        .containsExactly("550 5.7.1 Not for me", "250 2.0.0 Taken");
                session.send(letter(Map.of(), to("leo@a.example")), content("x\r\n"));
                assertThat(sink.next().mail()).endsWith(" PRDR");
                assertThat(sink.next().mail()).doesNotContain("PRDR");
            }
        }
    }

    @Test
    void aRefusalForAllHoldsForThoseWhoWereAcceptedBefore() throws Exception {
        ScriptedRemote.Script script =
                remote -> {
                    remote.say("220 mx.example");
                    remote.hear("EHLO");
                    remote.say("250-mx.example", "250 PRDR");
                    remote.hear("MAIL");
                    remote.say("250 Ok");
                    remote.hear("RCPT");
                    remote.say("250 Ok");
                    remote.hear("RCPT");
                    remote.say("250 Ok");
                    remote.hear("DATA");
                    remote.say("354 Go on");
                    remote.hearContent();
                    remote.say("353 Wait", "450 4.7.1 Grey", "250 Yes", "554 5.6.0 A virus");
                    remote.hearAll();
                };
        try (var remote = ScriptedRemote.playing(script);
                var session = session(remote)) {
            assertThat(
                            said(
                                    session.send(
                                            letter(Map.of(), to("a@a.example"), to("b@a.example")),
                                            content("x\r\n"))))
                    .containsExactly("450 4.7.1 Grey", "554 5.6.0 A virus");
        }
    }

    @Test
    void aServerMayAnswerAllRecipientsAtOnceThoughItOffersMore() throws Exception {
        MailSink sink = new MailSink().offering("PIPELINING", "PRDR");
        ScriptedRemote.Script script =
                remote -> {
                    remote.say("220 mx.example");
                    remote.hear("EHLO");
                    remote.say("250-mx.example", "250 PRDR");
                    remote.hear("MAIL");
                    remote.say("250 Ok");
                    remote.hear("RCPT");
                    remote.say("250 Ok");
                    remote.hear("RCPT");
                    remote.say("250 Ok");
                    remote.hear("DATA");
                    remote.say("354 Go on");
                    remote.hearContent();
                    remote.say("250 2.0.0 Taken");
                    remote.hearAll();
                };
        assertThat(sink.waiting()).isZero();
        try (var remote = ScriptedRemote.playing(script);
                var session = session(remote)) {
            assertThat(
                            said(
                                    session.send(
                                            letter(Map.of(), to("a@a.example"), to("b@a.example")),
                                            content("x\r\n"))))
                    .containsExactly("250 2.0.0 Taken", "250 2.0.0 Taken");
        }
    }

    @Test
    void readsTheLimitsOfAServer() throws Exception {
        MailSink sink =
                new MailSink().offering("LIMITS MAILMAX=2  RCPTMAX=10 rcptdomainmax=0 X=y Z");
        try (var remote = ScriptedRemote.playing(sink);
                var session = session(remote)) {
            Capabilities offered = session.capabilities();
            assertThat(offered.limit("MAILMAX")).hasValue(2);
            assertThat(offered.limit("RCPTMAX")).hasValue(10);
            assertThat(offered.limit("RCPTDOMAINMAX")).isEmpty();
            assertThat(offered.limit("X")).isEmpty();
            assertThat(Capabilities.NONE.limit("MAILMAX")).isEmpty();
        }
    }

    private static MailSink.Login scram(ScramHash hash, String password, boolean honest) {
        return (remote, line) -> {
            try {
                String[] words = line.split(" ", -1);
                assertThat(words[1]).isEqualTo(hash.mechanism());
                var first =
                        ScramMessage.ClientFirst.parse(
                                ByteBuffer.wrap(SaslText.octets(words[2]).orElseThrow()));
                ByteBuffer salt = ByteBuffer.wrap("saltsalt".getBytes(StandardCharsets.US_ASCII));
                ScramRecord record = Scram.record(hash, password, salt, 4096);
                var server = ScramMessage.ServerFirst.of(first.nonce() + "srv", salt, 4096);
                remote.say("334 " + SaslText.base64(server.octets()));
                var last =
                        ScramMessage.ClientFinal.parse(
                                ByteBuffer.wrap(SaslText.octets(remote.hear()).orElseThrow()));
                String all = Scram.conversation(first, server, last.withoutProof());
                if (!Scram.verifies(record, all, last.proof())) {
                    remote.say("535 5.7.8 No");
                    return;
                }
                ByteBuffer signature = Scram.serverSignature(record, honest ? all : all + "x");
                remote.say(
                        "334 " + SaslText.base64(new ScramMessage.ServerFinal(signature).octets()));
                remote.say(remote.hear().isEmpty() ? "235 2.7.0 Welcome" : "501 5.7.0 Cancelled");
            } catch (org.posthorn.smtp.sasl.SaslSyntaxException e) {
                throw new IOException(e);
            }
        };
    }

    private void logIn(MailSink sink, Credentials credentials) throws Exception {
        try (var remote = ScriptedRemote.playing(sink);
                var session = session(remote)) {
            session.logIn(credentials);
            assertThat(said(session.send(letter(Map.of(), to("leo@a.example")), content("x\r\n"))))
                    .containsExactly("250 2.0.0 Taken");
        }
    }

    @Test
    void logsInByTheBestMechanismThatTheServerKnows() throws Exception {
        logIn(
                new MailSink()
                        .loggingIn(
                                scram(ScramHash.SHA_256, "pencil, =x", true),
                                "LOGIN",
                                "PLAIN",
                                "SCRAM-SHA-1",
                                "SCRAM-SHA-256"),
                PASSWORD);
        logIn(
                new MailSink()
                        .loggingIn(
                                scram(ScramHash.SHA_1, "pencil, =x", true), "plain", "scram-sha-1"),
                PASSWORD);
    }

    @Test
    void logsInByPlainAndLogin() throws Exception {
        logIn(
                new MailSink()
                        .loggingIn(
                                (remote, line) ->
                                        remote.say(
                                                line.equals("AUTH PLAIN AG1vbmEAcGVuY2lsLCA9eA==")
                                                        ? "235 2.7.0 Ok"
                                                        : "535 5.7.8 No"),
                                "LOGIN",
                                "PLAIN"),
                PASSWORD);
        logIn(
                new MailSink()
                        .loggingIn(
                                (remote, _) -> {
                                    remote.say("334 VXNlcm5hbWU6");
                                    remote.hear("bW9uYQ==");
                                    remote.say("334 UGFzc3dvcmQ6");
                                    remote.hear("cGVuY2lsLCA9eA==");
                                    remote.say("235 2.7.0 Ok");
                                },
                                "LOGIN"),
                PASSWORD);
    }

    @Test
    void logsInByAToken() throws Exception {
        logIn(
                new MailSink()
                        .loggingIn(
                                (remote, line) ->
                                        remote.say(
                                                line.equals(
                                                                "AUTH XOAUTH2 dXNlcj1tb25hAWF1dGg9"
                                                                        + "QmVhcmVyIHQway1lbgEB")
                                                        ? "235 2.7.0 Ok"
                                                        : "535 5.7.8 No"),
                                "PLAIN",
                                "XOAUTH2"),
                new Credentials.Token("mona", "t0k-en"));
    }

    @Test
    void sendsALongTokenWhenAskedForIt() throws Exception {
        String token = "x".repeat(5_000);
        logIn(
                new MailSink()
                        .loggingIn(
                                (remote, line) -> {
                                    assertThat(line).isEqualTo("AUTH XOAUTH2");
                                    remote.say("334 ");
                                    assertThat(remote.hear()).hasSizeGreaterThan(5_000);
                                    remote.say("235 2.7.0 Ok");
                                },
                                "XOAUTH2"),
                new Credentials.Token("mona", token));
    }

    private void refused(String because, MailSink sink) throws InterruptedException, IOException {
        try (var remote = ScriptedRemote.playing(sink);
                var session = session(remote)) {
            assertThatThrownBy(() -> session.logIn(PASSWORD))
                    .isInstanceOfSatisfying(
                            ClientException.class,
                            e -> {
                                assertThat(e.step()).isEqualTo(ClientException.Step.AUTH);
                                assertThat(e.reply().isTransient()).isTrue();
                                assertThat(e.reply().toString())
                                        .contains(because)
                                        .doesNotContain("pencil");
                            });
        }
    }

    @Test
    void doesNotGoOnWhereItIsNotLetInOrNotSureWithWhom() throws Exception {
        refused(
                "535 5.7.8 No",
                new MailSink().loggingIn(scram(ScramHash.SHA_256, "pen", true), "SCRAM-SHA-256"));
        refused(
                "proves that it knows the password",
                new MailSink()
                        .loggingIn(scram(ScramHash.SHA_256, "pencil, =x", false), "SCRAM-SHA-256"));
        refused(
                "did not prove",
                new MailSink()
                        .loggingIn(
                                (remote, _) -> remote.say("235 2.7.0 Anybody"), "SCRAM-SHA-256"));
        refused(
                "no way to log in",
                new MailSink().loggingIn((remote, _) -> remote.say("235 Ok"), "CRAM-MD5", "NTLM"));
        refused("no way to log in", new MailSink());
        refused(
                "a challenge is in Base64",
                new MailSink()
                        .loggingIn(
                                (remote, _) -> {
                                    remote.say("334 not base 64!");
                                    remote.hear("*");
                                    remote.say("501 5.7.0 Cancelled");
                                },
                                "LOGIN"));
        refused(
                "a mechanism ends",
                new MailSink()
                        .loggingIn(
                                (remote, _) -> {
                                    while (true) {
                                        remote.say("334 ");
                                        remote.hear();
                                    }
                                },
                                "PLAIN"));
    }

    @Test
    void tellsWhoseTheServersCertificateIsAndWhetherItIsTrusted(@TempDir Path directory)
            throws Exception {
        var tls = RemoteTls.selfSigned("mx.example", directory);
        SmtpClient trusting = client(ClientTls.trusting(tls.authority()));
        MailSink sink = new MailSink().secured(tls.context());
        try (var remote = ScriptedRemote.playing(sink)) {
            try (var session = trusting.connect(remote.address(), Protocol.SMTP)) {
                session.hello("client.example");
                assertThat(session.tls()).isEmpty();
                assertThat(session.startTls("mx.example")).isTrue();
                TlsFacts facts = session.tls().orElseThrow();
                assertThat(facts.version()).isEqualTo("TLSv1.3");
                assertThat(facts.cipher()).startsWith("TLS_");
                assertThat(facts.distrust()).isEmpty();
                assertThat(facts.isTrustedFor("MX.example")).isTrue();
                assertThat(facts.isTrustedFor("other.example")).isFalse();
            }
            try (var session = client.connect(remote.address(), Protocol.SMTP)) {
                session.hello("client.example");
                assertThat(session.startTls("mx.example")).isTrue();
                TlsFacts facts = session.tls().orElseThrow();
                assertThat(facts.distrust()).isNotEmpty();
                assertThat(facts.isFor("mx.example")).isTrue();
                assertThat(facts.isTrustedFor("mx.example")).isFalse();
            }
        }
    }

    @Test
    void speaksTlsFromTheFirstOctetWhereItIsTold(@TempDir Path directory) throws Exception {
        var tls = RemoteTls.selfSigned("mx.example", directory);
        SmtpClient trusting = client(ClientTls.trusting(tls.authority()));
        MailSink sink = new MailSink().securedAtOnce(tls.context());
        try (var remote = ScriptedRemote.playing(sink);
                var session =
                        trusting.connect(
                                remote.address(), Protocol.SMTP, Optional.of("mx.example"))) {
            session.hello("client.example");
            assertThat(session.tls().orElseThrow().isTrustedFor("mx.example")).isTrue();
            session.send(letter(Map.of(), to("leo@a.example")), content("x\r\n"));
            assertThat(sink.next().secured()).isTrue();
        }
    }
}
