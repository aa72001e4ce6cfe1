package org.posthorn.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.posthorn.delivery.ReplyRuleConfig.Action;
import org.posthorn.delivery.ShapingConfig.Each;
import org.posthorn.smtp.EventLoops;
import org.posthorn.smtp.client.ClientTls;
import org.posthorn.testkit.remote.MailSink;
import org.posthorn.testkit.remote.ScriptedRemote;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;

/// What limits and rules make of mail on its way.
@Timeout(60)
class ShapedDeliveryTest {
    private static final EventLoops LOOPS = EventLoops.start(1);
    private static final String TAKEN = "delivered 250 2.0.0 Taken";

    @AfterAll
    static void close() {
        LOOPS.close();
    }

    private static ShapingConfig limits(
            String messageRate, Optional<Integer> messages, ReplyRuleConfig... rules) {
        return new ShapingConfig(
                List.of(),
                List.of("a.example"),
                List.of(),
                List.of(),
                List.of(),
                Each.SITE,
                Optional.empty(),
                Optional.empty(),
                messages,
                Optional.of(messageRate).filter(it -> !it.isEmpty()),
                Optional.empty(),
                List.of(),
                List.of(rules));
    }

    private static ReplyRuleConfig rule(String matching, Action then) {
        return new ReplyRuleConfig(
                Optional.empty(),
                Optional.of(matching),
                then,
                Duration.ofHours(2),
                Optional.empty(),
                Optional.empty());
    }

    private static Engine engine(ScriptedRemote remote, ShapingConfig shaping) throws IOException {
        Engine engine =
                new Engine(
                        LOOPS,
                        remote.address().getPort(),
                        SessionsConfig.STANDARD,
                        List.of(shaping),
                        ClientTls.standard(),
                        new RouteConfig(List.of("*"), "mx", TlsLevel.NONE, Optional.empty()));
        for (String domain : List.of("a.example", "b.example")) {
            engine.zone.mx(domain, 10, "mx.example");
        }
        engine.zone.address("mx.example", "127.0.0.1");
        return engine;
    }

    private static MailSink answering(String reply) {
        return new MailSink().answering(line -> line.startsWith("RCPT") ? reply : "250 2.0.0 Ok");
    }

    @Test
    void aMessageWaitsForItsTurn() throws Exception {
        try (var remote = ScriptedRemote.playing(new MailSink());
                var engine = engine(remote, limits("20/m", Optional.empty()))) {
            Instant begin = engine.clock.instant();
            for (int i = 0; i < 3; i++) {
                assertThat(engine.send("leo@a.example")).isEqualTo(TAKEN);
            }
            assertThat(engine.clock.instant()).isEqualTo(begin.plusSeconds(6));
            assertThat(engine.send("leo@b.example")).isEqualTo(TAKEN);
        }
    }

    @Test
    void aMessageThatWouldWaitForLongComesBackWithoutAnAttempt() throws Exception {
        try (var remote = ScriptedRemote.playing(new MailSink());
                var engine = engine(remote, limits("1/h", Optional.empty()))) {
            assertThat(engine.send("leo@a.example")).isEqualTo(TAKEN);
            assertThat(engine.send("leo@a.example"))
                    .isEqualTo("deferred 450 4.4.5 Waits: shaping 1: 1/h");
            engine.clock.advance(Duration.ofHours(1));
            assertThat(engine.send("leo@a.example")).isEqualTo(TAKEN);
        }
    }

    @Test
    void aConnectionHasSoManyMessages() throws Exception {
        try (var remote = ScriptedRemote.playing(new MailSink());
                var engine = engine(remote, limits("", Optional.of(2)))) {
            for (int i = 0; i < 4; i++) {
                assertThat(engine.send("leo@a.example")).isEqualTo(TAKEN);
            }
            assertThat(remote.connections()).isEqualTo(2);
        }
    }

    @Test
    void aKeptSessionHasNoMoreMessagesThanTheNextOneAllows() throws Exception {
        try (var remote = ScriptedRemote.playing(new MailSink());
                var engine = engine(remote, limits("", Optional.of(2)))) {
            for (int i = 0; i < 2; i++) {
                assertThat(engine.send("leo@b.example")).isEqualTo(TAKEN);
            }
            assertThat(engine.send("leo@a.example")).isEqualTo(TAKEN);
            assertThat(remote.connections()).isEqualTo(2);
        }
    }

    private static String stateAfter(UnaryOperator<String> toRcpt) throws Exception {
        try (var remote = ScriptedRemote.playing(new MailSink().answering(toRcpt));
                var engine = engine(remote, limits("", Optional.empty()))) {
            engine.send("leo@b.example", "mona@b.example");
            return engine.site().reason();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"452 4.5.3 Too many recipients", "450 4.7.1 Too fast for you"})
    void whatConcernsSomeRecipientsDoesNotHaveTheSiteRest(String reply) throws Exception {
        var recipients = new AtomicInteger();
        assertThat(stateAfter(_ -> recipients.incrementAndGet() == 2 ? reply : "250 2.1.5 Ok"))
                .isEmpty();
        assertThat(recipients).hasValueGreaterThanOrEqualTo(2);
    }

    @Test
    void aMailboxThatGetsTooMuchDoesNotHaveTheSiteRest() throws Exception {
        assertThat(stateAfter(_ -> "450 4.2.1 The user receives too many messages")).isEmpty();
    }

    @Test
    void aSiteThatWantsLessRests() throws Exception {
        assertThat(stateAfter(_ -> "450 4.7.1 Too fast"))
                .contains("the server wants fewer messages");
    }

    @Test
    void aReplySuspendsASite() throws Exception {
        var shaping = limits("", Optional.empty(), rule("\\[TSS04]", Action.SUSPEND));
        try (var remote = ScriptedRemote.playing(answering("451 4.7.0 [TSS04] Later"));
                var engine = engine(remote, shaping)) {
            assertThat(engine.send("leo@a.example")).isEqualTo("deferred 451 4.7.0 [TSS04] Later");
            assertThat(engine.send("leo@a.example"))
                    .isEqualTo(
                            "deferred 450 4.4.5 Waits: shaping 1: suspended by 451 4.7.0 [TSS04]"
                                    + " Later");
        }
    }

    @Test
    void aReplyMakesMailBounceThatTheServerWouldHaveAgain() throws Exception {
        var shaping = limits("", Optional.empty(), rule("closed", Action.BOUNCE));
        try (var remote = ScriptedRemote.playing(answering("450 4.2.1 Account closed"));
                var engine = engine(remote, shaping)) {
            assertThat(engine.send("leo@a.example"))
                    .isEqualTo(
                            "failed 554 5.2.1 Given up by a rule; at last: 450 4.2.1 Account"
                                    + " closed");
        }
    }
}
