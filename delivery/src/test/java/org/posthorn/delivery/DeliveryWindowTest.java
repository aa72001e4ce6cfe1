package org.posthorn.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.posthorn.api.mail.Envelope;
import org.posthorn.api.mail.Parameters;
import org.posthorn.queue.Job;
import org.posthorn.queue.Mark;
import org.posthorn.queue.Settlement;
import org.posthorn.smtp.EventLoops;
import org.posthorn.smtp.client.ClientTimeouts;
import org.posthorn.smtp.client.ClientTls;
import org.posthorn.smtp.client.SmtpClient;
import org.posthorn.testkit.InMemoryDns;

import java.nio.charset.StandardCharsets;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/// When a route is open, by the clock of some place, and what becomes of mail until then.
class DeliveryWindowTest {
    private static final String OFFICE = "Mon-Fri 08:00-18:00 Europe/Berlin";

    private static boolean open(String window, String when) {
        return DeliveryWindow.parse(window).isOpen(Instant.parse(when));
    }

    private static String opening(String window, String when) {
        return DeliveryWindow.parse(window).opening(Instant.parse(when)).toString();
    }

    @ParameterizedTest
    @CsvSource({
        "2026-11-23T06:59:59Z, false",
        "2026-11-23T07:00:00Z, true",
        "2026-11-23T16:59:59Z, true",
        "2026-11-23T17:00:00Z, false",
        "2026-11-22T12:00:00Z, false"
    })
    void isOpenWhileAClockThereShowsIt(String when, boolean open) {
        assertThat(open(OFFICE, when)).isEqualTo(open);
    }

    @Test
    void opensOnTheNextOfItsDays() {
        assertThat(opening(OFFICE, "2026-11-23T08:30:00Z")).isEqualTo("2026-11-23T08:30:00Z");
        assertThat(opening(OFFICE, "2026-11-23T17:00:00Z")).isEqualTo("2026-11-24T07:00:00Z");
        assertThat(opening(OFFICE, "2026-11-27T17:00:00Z")).isEqualTo("2026-11-30T07:00:00Z");
    }

    @Test
    void goesByTheClockInSummerAndInWinter() {
        assertThat(opening(OFFICE, "2026-10-23T17:00:00Z")).isEqualTo("2026-10-26T07:00:00Z");
        assertThat(opening(OFFICE, "2026-07-03T17:00:00Z")).isEqualTo("2026-07-06T06:00:00Z");
    }

    @Test
    void mayGoOverMidnight() {
        String nights = "Fri 22:00-06:00 UTC";
        assertThat(open(nights, "2026-11-27T22:00:00Z")).isTrue();
        assertThat(open(nights, "2026-11-28T05:59:00Z")).isTrue();
        assertThat(open(nights, "2026-11-28T06:00:00Z")).isFalse();
        assertThat(open(nights, "2026-11-28T22:00:00Z")).isFalse();
        assertThat(open(nights, "2026-11-27T05:00:00Z")).isFalse();
    }

    @Test
    void knowsDaysOneByOneInRangesAndAll() {
        Set<DayOfWeek> weekend = Set.of(DayOfWeek.SATURDAY, DayOfWeek.SUNDAY, DayOfWeek.MONDAY);
        assertThat(DeliveryWindow.parse("Sat,Sun,mon 00:00-24:00 UTC").days()).isEqualTo(weekend);
        assertThat(DeliveryWindow.parse("Sat-Mon 00:00-24:00 UTC").days()).isEqualTo(weekend);
        assertThat(DeliveryWindow.parse("00:00-24:00 UTC").days()).hasSize(7);
        assertThat(open("00:00-24:00 UTC", "2026-11-27T23:59:59.999Z")).isTrue();
    }

    /// On 29 March 2026, in Berlin, 03:00 follows on 01:59.
    @Test
    void opensAsSoonAsItMayWhereItsBeginningIsLeftOut() {
        assertThat(opening("02:30-06:00 Europe/Berlin", "2026-03-29T00:30:00Z"))
                .isEqualTo("2026-03-29T01:00:00Z");
        assertThat(opening("Sun 02:00-03:00 Europe/Berlin", "2026-03-29T00:30:00Z"))
                .isEqualTo("2026-04-05T00:00:00Z");
    }

    /// On 25 October 2026, in Berlin, 02:00 to 03:00 comes twice.
    @Test
    void isOpenTwiceWhereItsTimeComesTwice() {
        String early = "02:00-02:30 Europe/Berlin";
        assertThat(open(early, "2026-10-25T00:15:00Z")).isTrue();
        assertThat(open(early, "2026-10-25T00:45:00Z")).isFalse();
        assertThat(opening(early, "2026-10-25T00:45:00Z")).isEqualTo("2026-10-25T01:00:00Z");
        assertThat(opening(early, "2026-10-25T01:45:00Z")).isEqualTo("2026-10-26T01:00:00Z");
    }

    @Property(tries = 60, edgeCases = EdgeCasesMode.NONE)
    void opensAtTheFirstMinuteThatIsOpen(
            @ForAll @IntRange(min = 0, max = 1439) int from,
            @ForAll @IntRange(min = 1, max = 1440) int length,
            @ForAll @IntRange(min = 1, max = 127) int days,
            @ForAll @IntRange(min = 0, max = 3) int zone,
            @ForAll @LongRange(min = 1_740_000_000, max = 1_780_000_000) long second) {
        List<String> zones =
                List.of("Europe/Berlin", "Australia/Lord_Howe", "America/St_Johns", "UTC");
        Set<DayOfWeek> chosen = new TreeSet<>();
        for (DayOfWeek day : DayOfWeek.values()) {
            if ((days >> day.ordinal() & 1) == 1) {
                chosen.add(day);
            }
        }
        int to = length == 1440 && from == 0 ? 1440 : (from + Math.min(length, 1439)) % 1440;
        var window = new DeliveryWindow(chosen, from, to, ZoneId.of(zones.get(zone)));
        Instant now = Instant.ofEpochSecond(second / 60 * 60);
        Instant first = now;
        while (!window.isOpen(first)) {
            first = first.plusSeconds(60);
        }

        assertThat(window.opening(now)).isEqualTo(first);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "always | expected days, times and a zone",
                "Mon-Fri 08:00-18:00 | expected days, times and a zone",
                "Mon-Fri 8-18 UTC | expected days, times and a zone",
                "Mo-Fr 08:00-18:00 UTC | 'Fr' is none of Mon, Tue, Wed, Thu, Fri, …",
                "Mon- 08:00-18:00 UTC | '' is none of Mon, Tue, Wed, Thu, Fri, …",
                "25:00-26:00 UTC | 25:00 is no time of a day",
                "08:60-18:00 UTC | 08:60 is no time of a day",
                "08:00-08:00 UTC | it never opens",
                "08:00-18:00 Mars/Olympus | there is no time zone 'Mars/Olympus'"
            })
    void saysWhatIsWrong(String text, String why) {
        assertThatThrownBy(() -> route("mx", text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "windows: '%s' is no window such as Mon-Fri 08:00-18:00 Europe/Berlin: %s"
                                .formatted(text, why));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "00:00-24:00 UTC | 0",
                "08:00-18:00 Asia/Tokyo | 14",
                "22:00-06:00 Europe/Berlin | 16",
                "Mon-Fri 08:00-18:00 UTC | 62",
                "Sun 00:00-24:00 UTC | 144",
                "Mon 12:00-11:00 UTC | 145"
            })
    void knowsHowLongItStaysClosed(String text, int hours) {
        assertThat(DeliveryWindow.longestClosed(List.of(DeliveryWindow.parse(text))))
                .isEqualTo(Duration.ofHours(hours));
    }

    @Test
    void severalWindowsAreClosedOnlyTogether() {
        List<DeliveryWindow> windows =
                Stream.of(
                                "Mon-Fri 08:00-18:00 UTC",
                                "Sat 10:00-12:00 UTC",
                                "Mon-Fri 18:00-20:00 UTC")
                        .map(DeliveryWindow::parse)
                        .toList();
        assertThat(DeliveryWindow.longestClosed(windows)).isEqualTo(Duration.ofHours(44));
        assertThat(DeliveryWindow.longestClosed(List.of())).isZero();
    }

    private static RouteConfig route(String to, String... windows) {
        return new RouteConfig(
                List.of("*"),
                to,
                TlsLevel.MAY,
                Optional.empty(),
                Optional.empty(),
                List.of(windows),
                false);
    }

    private static final EventLoops LOOPS = EventLoops.start(1);
    private static final Instant SATURDAY = Instant.parse("2026-11-21T12:00:00Z");
    private static final Instant MONDAY = Instant.parse("2026-11-23T07:00:00Z");

    private Instant now = SATURDAY;
    private final Routes routes = Schedules.routes(route("discard", OFFICE));
    private final Judgement judgement =
            new Judgement(
                    routes,
                    Mail.reports(1),
                    new Notices(Optional.empty()),
                    () -> now,
                    new Random(1));

    @AfterAll
    static void close() {
        LOOPS.close();
    }

    private Decision decide(Job job) throws InterruptedException {
        return judgement.on(job, attempt(job));
    }

    private Attempt attempt(Job job) throws InterruptedException {
        var client =
                new SmtpClient(LOOPS, ClientTimeouts.STANDARD, ClientTls.standard(), new Random(1));
        return Attempts.of(
                        DeliveryConfig.STANDARD,
                        routes,
                        new LocalHost("us.example", List.of()),
                        new Delivery.Surroundings(
                                new MemoryQueue(),
                                new InMemoryDns(),
                                client,
                                OutgoingTls.simple(new InMemoryDns(), () -> now),
                                _ -> {},
                                () -> now,
                                new Random(1),
                                _ -> {},
                                LOOPS::after))
                .at(job);
    }

    private static Job job(Envelope envelope) {
        return new MemoryQueue().offer(envelope, Mail.content("A: b\r\n\r\n"), SATURDAY);
    }

    private static String text(Settlement settlement) {
        return StandardCharsets.UTF_8.decode(settlement.reports().getFirst().body()).toString();
    }

    @Test
    void mailWaitsUntilItsRouteOpensAndThenGoesOut() throws Exception {
        now = MONDAY.minus(Duration.ofHours(1));
        Job job = new MemoryQueue().offer(Mail.to("leo@example.org"), Mail.content("\r\n"), now);
        Decision waits = decide(job);
        assertThat(waits.settlement().next()).contains(MONDAY);
        assertThat(waits.settlement().attempted()).isFalse();
        assertThat(waits.results()).isEmpty();
        assertThat(waits.settlement().outcomes().getFirst().reply().toString())
                .isEqualTo(
                        "450 4.3.2 Waits for the delivery window of its route: 2026-11-23T07:00:00Z");
        now = MONDAY;
        assertThat(attempt(job)).isInstanceOf(Attempt.Tried.class);
    }

    @Test
    void itsSenderIsToldOfTheDelayMeanwhile() throws Exception {
        Job job = job(Mail.to("leo@example.org"));
        Instant warning = SATURDAY.plus(Duration.ofHours(4));
        assertThat(decide(job).settlement().next()).contains(warning);
        now = warning;
        Settlement told = decide(job).settlement();
        assertThat(told.next()).contains(MONDAY);
        assertThat(told.marks()).containsExactly(Mark.DELAY_TOLD);
        assertThat(told.attempted()).isFalse();
        assertThat(text(told)).contains("Action: delayed\r\n");
    }

    @Test
    void atTheEndOfItsLifetimeMailGoesBackThoughItsRouteIsClosed() throws Exception {
        Job job = job(Mail.to("leo@example.org"));
        Instant end = SATURDAY.plus(Duration.ofDays(5)).plus(Duration.ofHours(7));
        Envelope later =
                new Envelope(
                        job.envelope().sender(),
                        Parameters.NONE.with("HOLDFOR", "25200"),
                        job.envelope().recipients());
        now = end.minusSeconds(60);
        assertThat(decide(job(later)).settlement().next()).contains(end);
        now = end;
        Decision over = decide(job(later));
        assertThat(over.settlement().next()).isEmpty();
        assertThat(over.settlement().attempted()).isTrue();
        assertThat(over.results()).hasSize(1);
        assertThat(text(over.settlement())).contains("Action: failed\r\nStatus: 5.4.7\r\n");
    }

    @Test
    void aDeadlineOfTheSenderEndsTheWaitToo() throws Exception {
        Envelope soon =
                new Envelope(
                        Mail.to("leo@example.org").sender(),
                        Parameters.NONE.with("BY", "120;R"),
                        Mail.to("leo@example.org").recipients());
        assertThat(decide(job(soon)).settlement().next()).contains(SATURDAY.plusSeconds(120));
        now = SATURDAY.plusSeconds(120);
        assertThat(decide(job(soon)).settlement().next()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"mx", "hold", "lmtp://127.0.0.1"})
    void anyRouteMayHaveWindows(String to) {
        assertThat(route(to, OFFICE, "Sat 08:00-12:00 UTC").windows()).hasSize(2);
    }
}
