package org.posthorn.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.posthorn.api.delivery.ReplyClass;
import org.posthorn.api.mail.Domain;
import org.posthorn.api.smtp.Reply;
import org.posthorn.delivery.ReplyRuleConfig.Action;
import org.posthorn.delivery.ShapingConfig.Each;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

class ShapingTest {
    private static final Traffic MAIL = to("mx.example.net", "example.net");
    private static final Duration HOUR = Duration.ofHours(1);

    private Instant now = Instant.parse("2026-01-01T12:00:00Z");

    private static Traffic to(String host, String domain) {
        return new Traffic(
                host,
                List.of(host),
                Domain.name(domain),
                Optional.of("mona@example.org"),
                Optional.empty(),
                Optional.empty());
    }

    private static Traffic from(String sender) {
        return new Traffic(
                "mx.example.net",
                List.of("mx.example.net"),
                Domain.name("example.net"),
                Optional.of(sender),
                Optional.of("acme"),
                Optional.of("pool"));
    }

    private static ReplyRuleConfig rule(
            Optional<ReplyClass> on, String matching, Action then, String rate) {
        return new ReplyRuleConfig(
                on,
                Optional.of(matching).filter(it -> !it.isEmpty()),
                then,
                HOUR,
                Optional.empty(),
                Optional.of(rate).filter(it -> !it.isEmpty()));
    }

    /// Limits of a test: those that it names.
    private record Limits(
            List<String> mx,
            List<String> destinations,
            List<String> senders,
            Each each,
            Optional<Integer> connections,
            Optional<String> connectionRate,
            Optional<String> messageRate,
            List<String> windows,
            List<ReplyRuleConfig> replies) {
        static Limits ofAll() {
            return new Limits(
                    List.of(),
                    List.of(),
                    List.of(),
                    Each.ALL,
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    List.of(),
                    List.of());
        }

        Limits messages(String rate) {
            return new Limits(
                    mx,
                    destinations,
                    senders,
                    each,
                    connections,
                    connectionRate,
                    Optional.of(rate),
                    windows,
                    replies);
        }

        Limits connections(int most, String rate) {
            return new Limits(
                    mx,
                    destinations,
                    senders,
                    each,
                    Optional.of(most),
                    Optional.of(rate),
                    messageRate,
                    windows,
                    replies);
        }

        Limits each(Each counted) {
            return new Limits(
                    mx,
                    destinations,
                    senders,
                    counted,
                    connections,
                    connectionRate,
                    messageRate,
                    windows,
                    replies);
        }

        Limits mx(String host) {
            return new Limits(
                    List.of(host),
                    destinations,
                    senders,
                    each,
                    connections,
                    connectionRate,
                    messageRate,
                    windows,
                    replies);
        }

        Limits senders(String sender) {
            return new Limits(
                    mx,
                    destinations,
                    List.of(sender),
                    each,
                    connections,
                    connectionRate,
                    messageRate,
                    windows,
                    replies);
        }

        Limits open(String window) {
            return new Limits(
                    mx,
                    destinations,
                    senders,
                    each,
                    connections,
                    connectionRate,
                    messageRate,
                    List.of(window),
                    replies);
        }

        Limits replies(ReplyRuleConfig... rules) {
            return new Limits(
                    mx,
                    destinations,
                    senders,
                    each,
                    connections,
                    connectionRate,
                    messageRate,
                    windows,
                    List.of(rules));
        }

        ShapingConfig config() {
            return new ShapingConfig(
                    mx,
                    destinations,
                    senders,
                    List.of(),
                    List.of(),
                    each,
                    connections,
                    connectionRate,
                    Optional.of(20),
                    messageRate,
                    Optional.of(50),
                    windows,
                    replies);
        }
    }

    private Shaping shaping(Limits... limits) {
        List<ShapingConfig> all = new ArrayList<>();
        for (Limits one : limits) {
            all.add(one.config());
        }
        return Shaping.of(Map.of(), all, () -> now);
    }

    private static Result said(String text) {
        String[] parts = text.split(" ", 3);
        Reply reply = Reply.of(Integer.parseInt(parts[0]), parts[1], parts[2]);
        return new Result(
                Result.outcome(reply),
                new Result.By("smtp", "mx.example.net", Optional.of("mx.example.net")));
    }

    @Test
    void whatIsForNothingLimitsNothing() {
        Shaping none = shaping();
        for (int i = 0; i < 1000; i++) {
            assertThat(none.send(MAIL)).isEmpty();
            assertThat(none.open(MAIL)).isEmpty();
        }
        assertThat(none.messagesPerConnection(MAIL, 7)).isEqualTo(7);
    }

    @Property(tries = 200, edgeCases = EdgeCasesMode.NONE)
    void neverMoreThanTheRateInAnyTimeOfItsLength(
            @ForAll @IntRange(min = 1, max = 50) int count,
            @ForAll @LongRange(min = 1, max = 90) long seconds,
            @ForAll @Size(300) List<@LongRange(min = 0, max = 5000) Long> pauses) {
        Shaping shaping = shaping(Limits.ofAll().messages(count + "/" + seconds + "s"));
        List<Instant> sent = new ArrayList<>();
        for (long pause : pauses) {
            now = now.plusMillis(pause);
            if (shaping.send(MAIL).isEmpty()) {
                sent.add(now);
            }
        }
        for (int i = 0; i + count < sent.size(); i++) {
            assertThat(Duration.between(sent.get(i), sent.get(i + count)))
                    .isGreaterThanOrEqualTo(Duration.ofSeconds(seconds));
        }
    }

    @Property(tries = 200, edgeCases = EdgeCasesMode.NONE)
    void whoComesAtTheEarliestTimeIsLetThroughAndNobodyBefore(
            @ForAll @IntRange(min = 1, max = 1000) int count,
            @ForAll @LongRange(min = 1, max = 90) long seconds,
            @ForAll @Size(30) List<@LongRange(min = 0, max = 5000) Long> pauses) {
        Shaping shaping = shaping(Limits.ofAll().messages(count + "/" + seconds + "s"));
        for (long pause : pauses) {
            now = now.plusMillis(pause);
            Optional<NotYet> not = shaping.send(MAIL);
            if (not.isPresent()) {
                Instant earliest = not.get().earliest();
                assertThat(earliest).isAfter(now);
                now = earliest.minusNanos(1);
                assertThat(shaping.send(MAIL)).isPresent();
                now = earliest;
                assertThat(shaping.send(MAIL)).isEmpty();
            }
        }
    }

    @Test
    void aRateIsUsedWhole() {
        Shaping shaping = shaping(Limits.ofAll().messages("100/m"));
        int sent = 0;
        for (Instant end = now.plusSeconds(600); now.isBefore(end); now = now.plusMillis(10)) {
            sent += shaping.send(MAIL).isEmpty() ? 1 : 0;
        }
        assertThat(sent).isEqualTo(1000);
    }

    @Test
    void connectionsAreCountedAndComeOneAfterTheOther() {
        Shaping shaping = shaping(Limits.ofAll().connections(2, "1/s"));
        assertThat(shaping.open(MAIL)).isEmpty();
        assertThat(shaping.open(MAIL)).contains(new NotYet("shaping 1: 1/s", now.plusSeconds(1)));
        now = now.plusSeconds(1);
        assertThat(shaping.open(MAIL)).isEmpty();
        now = now.plusSeconds(1);
        assertThat(shaping.open(MAIL))
                .contains(new NotYet("shaping 1: 2 connections are open", now.plusSeconds(1)));
        shaping.closed(MAIL);
        assertThat(shaping.open(MAIL)).isEmpty();
    }

    @Test
    void whatOneLimitRefusesCountsForNone() {
        Shaping shaping = shaping(Limits.ofAll().messages("1/h"), Limits.ofAll().messages("1/m"));
        assertThat(shaping.send(MAIL)).isEmpty();
        now = now.plusSeconds(60);
        assertThat(shaping.send(MAIL).orElseThrow().reason()).isEqualTo("shaping 1: 1/h");
        now = now.plus(HOUR).minusSeconds(60);
        assertThat(shaping.send(MAIL)).isEmpty();
    }

    @Test
    void theLongestWaitIsTold() {
        Shaping shaping = shaping(Limits.ofAll().messages("1/m"), Limits.ofAll().messages("1/h"));
        assertThat(shaping.send(MAIL)).isEmpty();
        assertThat(shaping.send(MAIL)).contains(new NotYet("shaping 2: 1/h", now.plus(HOUR)));
    }

    @Test
    void eachIsCountedByItself() {
        Shaping sites = shaping(Limits.ofAll().each(Each.SITE).messages("1/h"));
        assertThat(sites.send(MAIL)).isEmpty();
        assertThat(sites.send(MAIL)).isPresent();
        assertThat(sites.send(to("mx.example.com", "example.com"))).isEmpty();
        Shaping senders = shaping(Limits.ofAll().each(Each.SENDER).messages("1/h"));
        assertThat(senders.send(from("a@example.org"))).isEmpty();
        assertThat(senders.send(from("b@example.org"))).isEmpty();
        assertThat(senders.send(from("a@example.org"))).isPresent();
    }

    @Test
    void aProviderIsKnownByItsHosts() {
        Shaping shaping =
                Shaping.of(
                        Map.of(
                                "example",
                                Limits.ofAll().mx("*.example.net").messages("1/h").config()),
                        List.of(),
                        () -> now);
        assertThat(shaping.send(to("mx1.example.net", "one.example"))).isEmpty();
        assertThat(shaping.send(to("mx2.example.net", "two.example")).orElseThrow().reason())
                .isEqualTo("provider example: 1/h");
        assertThat(shaping.send(to("example.net", "two.example"))).isEmpty();
        assertThat(shaping.messagesPerConnection(to("a.example.net", "x.example"), 100))
                .isEqualTo(20);
        assertThat(shaping.recipients(MAIL, 10)).isEqualTo(10);
    }

    @Test
    void sendersAreNamed() {
        Shaping shaping = shaping(Limits.ofAll().senders("*@example.org").messages("1/h"));
        assertThat(shaping.send(from("a@example.org"))).isEmpty();
        assertThat(shaping.send(from("b@example.org"))).isPresent();
        assertThat(shaping.send(from("b@example.com"))).isEmpty();
    }

    @Test
    void nothingIsSentOutsideOfItsWindow() {
        Shaping shaping = shaping(Limits.ofAll().open("14:00-15:00 UTC"));
        assertThat(shaping.send(MAIL))
                .contains(
                        new NotYet(
                                "shaping 1: its delivery window is closed",
                                Instant.parse("2026-01-01T14:00:00Z")));
        now = now.plus(HOUR).plus(HOUR);
        assertThat(shaping.send(MAIL)).isEmpty();
    }

    @Test
    void whoWaitsForAWindowOfItsOwnDelaysNobodyAtALimitOfAll() {
        Shaping shaping =
                shaping(
                        Limits.ofAll().messages("1/m"),
                        Limits.ofAll().senders("mona@example.org").open("14:00-15:00 UTC"));
        Traffic early = from("mona@example.org");
        Traffic other = from("leo@example.org");
        Instant opens = Instant.parse("2026-01-01T14:00:00Z");
        assertThat(shaping.ask(early).orElseThrow().earliest()).isEqualTo(opens);
        assertThat(shaping.send(other)).isEmpty();
        assertThat(shaping.ask(early).orElseThrow().earliest()).isAfterOrEqualTo(opens);
        assertThat(shaping.ask(other).orElseThrow().earliest())
                .isBefore(now.plus(Duration.ofMinutes(5)));
    }

    @Test
    void aReplySuspends() {
        Shaping shaping =
                shaping(
                        Limits.ofAll()
                                .each(Each.SITE)
                                .replies(rule(Optional.empty(), "\\[TSS04]", Action.SUSPEND, "")));
        assertThat(shaping.react(MAIL, said("421 4.7.0 [TSS04] Later")))
                .isEqualTo(Shaping.Reaction.NONE);
        assertThat(shaping.send(MAIL))
                .contains(
                        new NotYet(
                                "shaping 1: suspended by 421 4.7.0 [TSS04] Later", now.plus(HOUR)));
        assertThat(shaping.open(MAIL)).isPresent();
        assertThat(shaping.send(to("mx.example.com", "example.com"))).isEmpty();
        now = now.plus(HOUR);
        assertThat(shaping.send(MAIL)).isEmpty();
    }

    @Test
    void aReplySlowsDown() {
        Shaping shaping =
                shaping(
                        Limits.ofAll()
                                .replies(
                                        rule(
                                                Optional.of(ReplyClass.RATE_LIMIT),
                                                "",
                                                Action.SLOW_DOWN,
                                                "1/m")));
        assertThat(shaping.send(MAIL)).isEmpty();
        assertThat(shaping.send(MAIL)).isEmpty();
        shaping.react(MAIL, said("450 4.7.1 Slow down"));
        assertThat(shaping.send(MAIL)).isEmpty();
        assertThat(shaping.send(MAIL)).contains(new NotYet("shaping 1: 1/m", now.plusSeconds(60)));
        now = now.plus(HOUR);
        assertThat(shaping.send(MAIL)).isEmpty();
        assertThat(shaping.send(MAIL)).isEmpty();
    }

    @Test
    void aReplyAboutOneMailboxSlowsNothingDownWhereTheRuleExceptsIt() {
        Shaping shaping =
                shaping(
                        Limits.ofAll()
                                .replies(
                                        rule(
                                                Optional.of(ReplyClass.RATE_LIMIT),
                                                "^...[ -](?![45]\\.2\\.)",
                                                Action.SLOW_DOWN,
                                                "1/m")));
        shaping.react(MAIL, said("450 4.2.1 The user receives too many messages"));
        assertThat(shaping.send(MAIL)).isEmpty();
        assertThat(shaping.send(MAIL)).isEmpty();
        shaping.react(MAIL, said("421 4.7.28 Too many messages"));
        assertThat(shaping.send(MAIL)).isEmpty();
        assertThat(shaping.send(MAIL)).isPresent();
    }

    @Test
    void aReplyMakesMailBounceOrWait() {
        Shaping shaping =
                shaping(
                        Limits.ofAll()
                                .replies(
                                        rule(Optional.empty(), "never again", Action.BOUNCE, ""),
                                        rule(
                                                Optional.of(ReplyClass.MAILBOX_FULL),
                                                "",
                                                Action.RETRY,
                                                "")));
        assertThat(shaping.react(MAIL, said("450 4.2.1 Never again")).bounce()).isTrue();
        assertThat(shaping.react(MAIL, said("452 4.2.2 Mailbox full")))
                .isEqualTo(new Shaping.Reaction(false, Optional.of(HOUR)));
        assertThat(shaping.react(MAIL, said("250 2.0.0 Never again")))
                .isEqualTo(Shaping.Reaction.NONE);
        assertThat(Shaping.bounced(said("450 4.2.1 Never again").outcome().reply()))
                .hasToString("554 5.2.1 Given up by a rule; at last: 450 4.2.1 Never again");
    }

    @Test
    void memoryIsBoundedHoweverManySendersThereAre() {
        Shaping shaping = shaping(Limits.ofAll().each(Each.SENDER).messages("1/h"));
        for (int i = 0; i < 250_000; i++) {
            assertThat(shaping.send(from(i + "@example.org"))).isEmpty();
        }
        assertThat(shaping.meters()).isLessThanOrEqualTo(100_000);
        assertThat(shaping.send(from("249999@example.org"))).isPresent();
    }

    @ParameterizedTest
    @ValueSource(strings = {"10", "0/m", "10/0m", "10/min", "ten/s", "/s", "-1/s"})
    void aRateThatIsNoneIsRefused(String text) {
        assertThatThrownBy(() -> Limits.ofAll().messages(text).config())
                .hasMessage(
                        "message-rate: '"
                                + text
                                + "' is no rate: expected a number above 0 for a time, such as"
                                + " 20/s, 100/m, 1000/h or 5/10m");
    }

    @Test
    void refusesWhatMakesNoSense() {
        assertThatThrownBy(() -> Limits.ofAll().mx("*").config())
                .hasMessageStartingWith("mx: '*' is no host name");
        assertThatThrownBy(() -> Limits.ofAll().senders("mona").config())
                .hasMessageStartingWith("senders: 'mona' is no sender");
        assertThatThrownBy(() -> Limits.ofAll().connections(0, "1/s").config())
                .hasMessage("connections must be at least 1, and is 0");
        assertThatThrownBy(() -> rule(Optional.empty(), "", Action.BOUNCE, ""))
                .hasMessage("matching: name this or on, or both");
        assertThatThrownBy(() -> rule(Optional.empty(), "x", Action.SLOW_DOWN, ""))
                .hasMessage("then: slow-down needs connections or message-rate");
        assertThatThrownBy(() -> rule(Optional.empty(), "x", Action.BOUNCE, "1/m"))
                .hasMessage("then: connections and message-rate are for slow-down only");
    }

    @Test
    void ratesAreWrittenAsTheyAreRead() {
        for (String rate : List.of("20/s", "100/m", "5/10m", "1000/h", "1/d", "3/90s")) {
            assertThat(Rate.parse("rate", rate)).hasToString(rate);
        }
    }
}
