package org.posthorn.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.posthorn.api.smtp.Reply;
import org.posthorn.smtp.EventLoops;
import org.posthorn.smtp.client.ClientTls;
import org.posthorn.testkit.remote.MailSink;
import org.posthorn.testkit.remote.ScriptedRemote;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// Where mail goes: several servers, errors, and several routes for one job.
class RoutingTest {
    private static final EventLoops LOOPS = EventLoops.start(1);
    private static final String CLOSED = "127.0.0.1:1";

    private final MailSink sink = new MailSink();

    @AfterAll
    static void close() {
        LOOPS.close();
    }

    private static Engine engine(RouteConfig... table) {
        return new Engine(LOOPS, 25, SessionsConfig.STANDARD, ClientTls.standard(), table);
    }

    @Test
    void theNextServerIsTriedWhereOneDoesNotAnswer() throws Exception {
        try (var remote = ScriptedRemote.playing(sink);
                var engine =
                        engine(
                                new RouteConfig(
                                        List.of("*"),
                                        "smtp://"
                                                + CLOSED
                                                + ", 127.0.0.1:"
                                                + remote.address().getPort()))) {
            assertThat(engine.send("leo@a.example")).startsWith("delivered 250");
        }
    }

    @Test
    void aServerThatIsMistypedDoesNotKeepTheNextFromItsMail() throws Exception {
        try (var remote = ScriptedRemote.playing(sink);
                var engine =
                        engine(
                                new RouteConfig(
                                        List.of("*"),
                                        "smtp://typo.example,127.0.0.1:"
                                                + remote.address().getPort()))) {
            assertThat(engine.send("leo@a.example")).startsWith("delivered 250");
        }
    }

    @Test
    void anErrorIsTheOutcome() throws Exception {
        try (var engine =
                engine(
                        new RouteConfig(List.of("a.example"), "error:5.1.1 No such user here"),
                        new RouteConfig(List.of("b.example"), "error: 4.2.1 Moving house"),
                        new RouteConfig(List.of("c.example"), "error:Not any more"))) {
            assertThat(engine.send("leo@a.example"))
                    .isEqualTo("failed 550 5.1.1 No such user here");
            assertThat(engine.send("leo@b.example")).isEqualTo("deferred 450 4.2.1 Moving house");
            assertThat(engine.send("leo@c.example")).isEqualTo("failed 550 5.0.0 Not any more");
        }
    }

    @Test
    void recipientsOfOneJobGoTheirOwnWays() throws Exception {
        var when = new RouteConditions(List.of("gone@*"), List.of(), List.of(), List.of());
        try (var engine =
                engine(
                        new RouteConfig(
                                List.of("*"),
                                "error:5.1.6 Gone",
                                TlsLevel.MAY,
                                Optional.empty(),
                                Optional.empty(),
                                List.of(),
                                false,
                                List.of(),
                                Optional.of(when)),
                        new RouteConfig(List.of("*"), "discard"))) {
            engine.offer("leo@a.example", "gone@a.example", "ada@a.example");

            assertThat(engine.queue.settled().settlement().outcomes())
                    .map(it -> it.reply().toString())
                    .containsExactly(
                            "250 2.0.0 Discarded", "550 5.1.6 Gone", "250 2.0.0 Discarded");
        }
    }

    @Test
    void whatWasDeliveredByOneWayStandsWhereTheServerStopsOnTheOther() throws Exception {
        var reached = new CountDownLatch(1);
        try (var silent =
                        ScriptedRemote.playing(
                                client -> {
                                    reached.countDown();
                                    client.hear();
                                });
                var engine =
                        engine(
                                new RouteConfig(
                                        List.of("*"),
                                        "smtp://127.0.0.1:" + silent.address().getPort(),
                                        TlsLevel.MAY,
                                        Optional.empty(),
                                        Optional.empty(),
                                        List.of(),
                                        false,
                                        List.of(),
                                        Optional.of(
                                                new RouteConditions(
                                                        List.of("slow@*"),
                                                        List.of(),
                                                        List.of(),
                                                        List.of()))),
                                new RouteConfig(List.of("*"), "discard"))) {
            engine.offer("leo@a.example", "slow@a.example");
            assertThat(reached.await(30, TimeUnit.SECONDS)).isTrue();
            engine.delivery().drain(Duration.ofMillis(1));

            assertThat(engine.queue.settled().settlement().outcomes())
                    .map(it -> it.reply().toString())
                    .containsExactly(
                            "250 2.0.0 Discarded", "450 4.3.2 Not tried: the server stops");
        }
    }

    @Test
    void anErrorMayLackATextThatIsNoStatus() {
        assertThat(Route.parse("error:5.1.1", Path.of("")))
                .isEqualTo(new Route.Refuse(Reply.of(550, "5.0.0", "5.1.1")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"error:", "error:  ", "error:Nicht m\u00f6glich"})
    void refusesAnErrorWithoutWords(String to) {
        assertThatThrownBy(() -> Route.parse(to, Path.of("")))
                .hasMessageStartingWith("to: '" + to + "' is no error");
    }
}
