package org.posthorn.plugin.authdovecot;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.posthorn.api.auth.AuthAnswer;
import org.posthorn.api.auth.Exchange.Step;
import org.posthorn.api.config.Help;
import org.posthorn.api.mail.Domain;
import org.posthorn.api.mail.Mailbox;
import org.posthorn.testkit.Connection;
import org.slf4j.LoggerFactory;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.RecordComponent;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.UnaryOperator;

/// The protocol, with a Dovecot that answers by script: `{id}` stands for the number of the
/// request.
class DovecotExchangesTest {
    private static final String GREETING =
            "VERSION\t1\t2\nMECH\tPLAIN\tplaintext\nMECH\tSCRAM-SHA-256\nMECH\tSCRAM-SHA-256-PLUS\n"
                    + "MECH\tANONYMOUS\nSPID\t1\nCUID\t1\nCOOKIE\tabc\nDONE\n";
    private static final String SILENCE = " ";
    private static final ByteBuffer RESPONSE =
            ByteBuffer.wrap("\0mona\0pencil".getBytes(StandardCharsets.US_ASCII));

    @TempDir private Path directory;
    private Path socket;
    private ServerSocketChannel server;

    @BeforeEach
    void listen() throws IOException {
        socket = directory.resolve("auth");
        server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        server.bind(UnixDomainSocketAddress.of(socket));
    }

    @AfterEach
    void close() throws IOException {
        server.close();
    }

    @Test
    void offersWhatDovecotServesWithoutTlsInItsHands() {
        answering(GREETING, line -> "");
        assertThat(exchanges().mechanisms()).containsExactlyInAnyOrder("PLAIN", "SCRAM-SHA-256");
    }

    @Test
    void theUserIsWhoDovecotSays() {
        answering(
                GREETING,
                line ->
                        line.contains(
                                                "\tPLAIN\tservice=smtp\tsession=s1\tnologin\tno-penalty\tlip=127.0.0.1")
                                        && line.endsWith("\tsecured\tresp=AG1vbmEAcGVuY2ls")
                                ? "OK\t{id}\tuser=mona\n"
                                : "FAIL\t{id}\n");
        assertThat(ended(start(exchanges())))
                .isInstanceOfSatisfying(
                        AuthAnswer.Identified.class,
                        it -> {
                            assertThat(it.identity().name()).isEqualTo("mona");
                            assertThat(it.identity().maySendAs(Mailbox.parse("mona@example.org")))
                                    .isTrue();
                        });
    }

    @Test
    void challengesAndTheLastWordArePassedOn() {
        answering(
                GREETING,
                line ->
                        line.startsWith("AUTH")
                                ? "CONT\t{id}\tcj1taW5l\n"
                                : "OK\t{id}\tuser=mona\tresp=dj1wcm9vZg==\n");
        var exchange = exchanges().begin(Connection.from("127.0.0.1"), "SCRAM-SHA-256");
        assertThat(exchange.start(Optional.of(RESPONSE)))
                .isInstanceOfSatisfying(
                        Step.Challenge.class,
                        it -> assertThat(text(it.octets())).isEqualTo("r=mine"));
        assertThat(exchange.respond(RESPONSE))
                .isInstanceOfSatisfying(
                        Step.Ended.class,
                        it ->
                                assertThat(it.lastWord().map(DovecotExchangesTest::text))
                                        .contains("v=proof"));
    }

    @Test
    void refusalsAndFailuresAreTold() {
        answering(GREETING, line -> "FAIL\t{id}\tuser=mona\treason=no\n");
        assertThat(ended(start(exchanges()))).isEqualTo(AuthAnswer.REFUSED);
    }

    @Test
    void aFailureInsideDovecotIsNoRefusal() {
        answering(GREETING, line -> "FAIL\t{id}\tuser=mona\ttemp\n");
        assertThat(ended(start(exchanges()))).isInstanceOf(AuthAnswer.Unavailable.class);
    }

    @Test
    void anAnswerWithoutANameIsNoIdentity() {
        answering(GREETING, line -> "OK\t{id}\n");
        assertThat(ended(start(exchanges()))).isInstanceOf(AuthAnswer.Unavailable.class);
    }

    @Test
    void aConnectionThatBreaksIsMadeAnew() {
        answering(GREETING, line -> "", line -> "OK\t{id}\tuser=mona\n");
        DovecotExchanges exchanges = exchanges();
        assertThat(ended(start(exchanges))).isInstanceOf(AuthAnswer.Unavailable.class);
        assertThat(ended(start(exchanges))).isInstanceOf(AuthAnswer.Identified.class);
    }

    @Test
    void aRequestWhoseTimeIsOverTakesNoOtherWithIt() throws InterruptedException {
        var asked = new LinkedBlockingQueue<String>();
        var heard = new LinkedBlockingQueue<String>();
        answering(
                GREETING,
                line -> {
                    heard.add(line);
                    if (!line.startsWith("AUTH")) {
                        return SILENCE;
                    }
                    asked.add(line);
                    return line.endsWith("resp=AG1vbmEAcGVuY2ls")
                            ? "OK\t{id}\tuser=mona\n"
                            : SILENCE;
                });
        DovecotExchanges exchanges = exchanges();
        AuthConnection before = connection(exchanges);
        var late =
                Thread.ofVirtual()
                        .start(
                                () -> {
                                    try (var exchange =
                                            exchanges.begin(
                                                    Connection.from("127.0.0.1"), "PLAIN")) {
                                        exchange.start(Optional.empty());
                                    }
                                });
        String id = asked.take().split("\t", -1)[1];
        late.interrupt();
        late.join();
        assertThat(ended(start(exchanges))).isInstanceOf(AuthAnswer.Identified.class);
        assertThat(heard).contains("CANCEL\t" + id);
        assertThat(before.isOpen()).isTrue();
        assertThat(connection(exchanges)).isSameAs(before);
        exchanges.close();
    }

    private static AuthConnection connection(DovecotExchanges exchanges) {
        try {
            return exchanges.connection();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void whoDoesNotSpeakTheProtocolIsNotBelieved() {
        answering("VERSION\t2\t0\nDONE\n", line -> "OK\t{id}\tuser=mona\n");
        DovecotExchanges exchanges = exchanges();
        assertThat(exchanges.mechanisms()).containsExactly("PLAIN");
        assertThat(ended(start(exchanges))).isInstanceOf(AuthAnswer.Unavailable.class);
    }

    @Property
    void whatIsEscapedIsReadAgainAndStaysInItsPlace(@ForAll String value) {
        String escaped = Escaping.escape(value);
        assertThat(Escaping.unescape(escaped)).isEqualTo(value);
        assertThat(escaped).doesNotContain("\t", "\n", "\r", "\0");
    }

    @Property
    void whateverDovecotSaysIsAnAnswerOrNone(@ForAll String line) {
        AuthReply.parse(line).ifPresent(it -> assertThat(it.id()).isNotNegative());
        AuthReply.parse("OK\t1\t" + line).ifPresent(it -> assertThat(it.parameters()).isNotEmpty());
    }

    @Test
    void everySettingIsExplainedOnItsPage() throws IOException {
        String page = Files.readString(Path.of("../../docs/plugins/auth-dovecot.md"));
        for (RecordComponent setting : AuthDovecotSettings.class.getRecordComponents()) {
            assertThat(page)
                    .contains("| `" + setting.getName() + "` | ")
                    .contains(" | " + setting.getAnnotation(Help.class).value() + " |\n");
        }
    }

    /// Serves one connection for each script. An answer of nothing closes it, and
    /// one of a space is none.
    @SafeVarargs
    private void answering(String greeting, UnaryOperator<String>... scripts) {
        Thread.ofVirtual()
                .start(
                        () -> {
                            for (UnaryOperator<String> script : scripts) {
                                try (SocketChannel client = server.accept()) {
                                    serve(client, greeting, script);
                                } catch (IOException e) {
                                    return;
                                }
                            }
                        });
    }

    private static void serve(SocketChannel client, String greeting, UnaryOperator<String> script)
            throws IOException {
        write(client, greeting);
        var lines = new BufferedReader(Channels.newReader(client, StandardCharsets.UTF_8));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            if (line.startsWith("AUTH") || line.startsWith("CONT") || line.startsWith("CANCEL")) {
                String answer = script.apply(line);
                if (answer.isEmpty()) {
                    return;
                }
                if (answer.equals(SILENCE)) {
                    continue;
                }
                write(client, answer.replace("{id}", line.split("\t", -1)[1]));
            }
        }
    }

    private static void write(SocketChannel client, String text) throws IOException {
        client.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
    }

    private DovecotExchanges exchanges() {
        var settings =
                new AuthDovecotSettings(
                        socket, "smtp", Optional.of(new Domain.Name("example.org")));
        return new DovecotExchanges(settings, LoggerFactory.getLogger(DovecotExchangesTest.class));
    }

    private static Step start(DovecotExchanges exchanges) {
        return exchanges.begin(Connection.from("127.0.0.1"), "PLAIN").start(Optional.of(RESPONSE));
    }

    private static AuthAnswer ended(Step step) {
        return ((Step.Ended) step).answer();
    }

    private static String text(ByteBuffer octets) {
        return StandardCharsets.UTF_8.decode(octets.duplicate()).toString();
    }
}
