package org.posthorn.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.posthorn.api.config.ByteSize;
import org.posthorn.api.delivery.Outcome;
import org.posthorn.api.event.MailEvent;
import org.posthorn.api.mail.Content;
import org.posthorn.api.mail.Domain;
import org.posthorn.api.mail.Envelope;
import org.posthorn.api.mail.Mailbox;
import org.posthorn.api.mail.MessageId;
import org.posthorn.api.mail.Parameters;
import org.posthorn.api.mail.Recipient;
import org.posthorn.api.mail.ReversePath;
import org.posthorn.queue.Destination;
import org.posthorn.queue.Job;
import org.posthorn.queue.Settlement;
import org.posthorn.smtp.EventLoops;
import org.posthorn.smtp.client.BareLineEnds;
import org.posthorn.smtp.client.ClientTimeouts;
import org.posthorn.smtp.client.ClientTls;
import org.posthorn.smtp.client.SmtpClient;
import org.posthorn.testkit.InMemoryDns;
import org.posthorn.testkit.remote.MailSink;
import org.posthorn.testkit.remote.RemoteConnection;
import org.posthorn.testkit.remote.RemoteTls;
import org.posthorn.testkit.remote.ScriptedRemote;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicBoolean;

/// The engine, from a job that falls due to its settlement.
@Timeout(60)
class DeliveryTest {
    private static final EventLoops LOOPS = EventLoops.start(1);
    private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");
    private static final Content LETTER = Mail.content("Subject: x\r\n\r\nHello\r\n");

    private final MemoryQueue queue = new MemoryQueue();
    private final InMemoryDns zone = new InMemoryDns();
    private final BlockingQueue<MailEvent> events = new LinkedBlockingQueue<>();
    private final List<Delivery> engines = new ArrayList<>();
    private Instant now = NOON;
    private InstantSource clock = () -> now;
    private BouncesConfig bounces = BouncesConfig.STANDARD;
    private int mxPort = 25;
    private int perTransaction = 100;

    @AfterAll
    static void close() {
        LOOPS.close();
    }

    @AfterEach
    void stop() throws InterruptedException {
        for (Delivery engine : engines) {
            engine.drain(Duration.ofSeconds(10));
        }
    }

    private Delivery start(String... routes) {
        return start(Arrays.stream(routes).map(to -> new RouteConfig(List.of("*"), to)).toList());
    }

    private Delivery start(List<RouteConfig> table) {
        var config =
                new DeliveryConfig(
                        mxPort,
                        5,
                        perTransaction,
                        SessionsConfig.STANDARD,
                        ClientTimeouts.STANDARD,
                        BareLineEnds.REJECT,
                        Optional.empty(),
                        Duration.ofSeconds(20));
        var client =
                new SmtpClient(
                        LOOPS,
                        ClientTimeouts.all(Duration.ofSeconds(20)),
                        ClientTls.standard(),
                        new Random(2));
        var delivery =
                new Delivery(
                        config,
                        bounces,
                        Routes.of(table, Path.of("/nowhere"), Schedules.USUAL),
                        new LocalHost("us.example", List.of()),
                        new Delivery.Surroundings(
                                queue,
                                zone,
                                client,
                                OutgoingTls.simple(zone, clock),
                                events::add,
                                clock,
                                new Random(1),
                                _ -> {},
                                LOOPS::after));
        delivery.start();
        engines.add(delivery);
        return delivery;
    }

    private static String to(ScriptedRemote remote) {
        return "smtp://127.0.0.1:" + remote.address().getPort();
    }

    private Settlement settle(Envelope envelope) throws InterruptedException {
        queue.offer(envelope, LETTER, NOON);
        return queue.settled().settlement();
    }

    private static List<String> said(Settlement settlement) {
        return settlement.outcomes().stream()
                .map(
                        outcome ->
                                switch (outcome) {
                                    case Outcome.Delivered(var reply) -> "delivered " + reply;
                                    case Outcome.Deferred(var reply) -> "deferred " + reply;
                                    case Outcome.Failed(var reply) -> "failed " + reply;
                                })
                .toList();
    }

    @Test
    void deliversAndSettles() throws Exception {
        MailSink sink = new MailSink();
        try (var remote = ScriptedRemote.playing(sink)) {
            start(to(remote));
            Settlement settlement = settle(Mail.to("leo@example.org"));

            assertThat(said(settlement)).containsExactly("delivered 250 2.0.0 Taken");
            assertThat(settlement.next()).isEmpty();
            assertThat(settlement.reports()).isEmpty();
            assertThat(sink.next().content()).isEqualTo("Subject: x\r\n\r\nHello\r\n");
        }
        assertThat(events.take())
                .isInstanceOfSatisfying(
                        MailEvent.Attempted.class,
                        e -> {
                            assertThat(e.transport()).isEqualTo("smtp");
                            assertThat(e.remote()).startsWith("[127.0.0.1]:");
                            assertThat(e.attempt()).isEqualTo(1);
                            assertThat(e.next()).isEmpty();
                        });
        assertThat(events.take()).isInstanceOf(MailEvent.Finished.class);
    }

    @Test
    void tellsOfSuccessWhereTheSenderWantsToHearOfIt() throws Exception {
        Envelope wanted =
                Envelope.from(ReversePath.of(Mailbox.parse("mona@sender.example")), Parameters.NONE)
                        .to(
                                new Recipient(
                                        Mailbox.parse("leo@example.org"),
                                        Parameters.NONE.with("NOTIFY", "SUCCESS")));
        try (var remote = ScriptedRemote.playing(new MailSink())) {
            start(to(remote));
            assertThat(settle(wanted).reports()).hasSize(1);
        }
        assertThat(events.take()).isInstanceOf(MailEvent.Attempted.class);
        assertThat(events.take())
                .isInstanceOfSatisfying(
                        MailEvent.Notified.class,
                        e -> {
                            assertThat(e.action()).isEqualTo("relayed");
                            assertThat(e.to()).isEqualTo(wanted.sender());
                            assertThat(e.recipients())
                                    .containsExactly(Mailbox.parse("leo@example.org"));
                        });
        assertThat(events.take()).isInstanceOf(MailEvent.Finished.class);
    }

    private Settlement settle(Optional<String> route, Optional<String> bounce)
            throws InterruptedException {
        queue.offer(
                new Job(
                        new MessageId("message0001"),
                        0,
                        new Destination(Domain.name("example.org")),
                        Mail.to("leo@example.org"),
                        LETTER,
                        Map.of(),
                        NOON,
                        NOON,
                        0,
                        Set.of(),
                        route,
                        bounce));
        return queue.settled().settlement();
    }

    @Test
    void goesWhereAnOperatorSendsIt() throws Exception {
        MailSink sink = new MailSink();
        try (var remote = ScriptedRemote.playing(sink)) {
            start("hold");
            assertThat(said(settle(Optional.of(to(remote)), Optional.empty())))
                    .containsExactly("delivered 250 2.0.0 Taken");
        }
    }

    @Test
    void returnsWhatAnOperatorWantsReturnedWithoutAnAttempt() throws Exception {
        start("discard");
        Settlement settlement = settle(Optional.empty(), Optional.of("no longer here"));
        assertThat(said(settlement))
                .containsExactly("failed 550 5.0.0 Returned by an operator: no longer here");
        assertThat(settlement.reports()).hasSize(1);
    }

    @Test
    void aRemoteThatDefersIsNamedInTheHistory() throws Exception {
        start("smtp://127.0.0.1:1");
        Settlement settlement = settle(Mail.to("leo@example.org"));
        assertThat(settlement.peer()).isEqualTo("[127.0.0.1]:1");
    }

    @Test
    void findsTheExchangerAndTakesTheNextWhereOneIsDown() throws Exception {
        MailSink sink = new MailSink();
        try (var remote = ScriptedRemote.playing(sink)) {
            mxPort = remote.address().getPort();
            zone.mx("example.org", 10, "down.example").address("down.example", "127.0.0.9");
            zone.mx("example.org", 20, "up.example").address("up.example", "127.0.0.1");
            start("mx");

            assertThat(said(settle(Mail.to("leo@example.org"))))
                    .containsExactly("delivered 250 2.0.0 Taken");
        }
    }

    @Test
    void triesAgainLaterWhereNobodyAnswers() throws Exception {
        var gone = ScriptedRemote.playing(new MailSink());
        gone.close();
        start(to(gone));
        Settlement settlement = settle(Mail.to("leo@example.org"));

        assertThat(said(settlement)).singleElement().asString().startsWith("deferred 421 4.4.1");
        assertThat(settlement.next().orElseThrow())
                .isBetween(NOON.plusSeconds(270), NOON.plusSeconds(330));
        assertThat(settlement.reports()).isEmpty();
    }

    @Test
    void keepsEachRecipientsOutcomeAndBouncesTheFailedOnly() throws Exception {
        MailSink sink =
                new MailSink()
                        .answering(
                                line ->
                                        line.contains("nobody")
                                                ? "550 5.1.1 Unknown"
                                                : line.contains("busy")
                                                        ? "450 4.2.1 Later"
                                                        : "250 Ok");
        try (var remote = ScriptedRemote.playing(sink)) {
            start(to(remote));
            Settlement settlement =
                    settle(Mail.to("leo@a.example", "nobody@a.example", "busy@a.example"));

            assertThat(said(settlement))
                    .containsExactly(
                            "delivered 250 2.0.0 Taken",
                            "failed 550 5.1.1 Unknown",
                            "deferred 450 4.2.1 Later");
            assertThat(settlement.next()).isPresent();
            assertThat(settlement.reports()).hasSize(1);
            assertThat(settlement.reports().getFirst().submission().envelope())
                    .isEqualTo(Mail.from(ReversePath.NULL, "mona@sender.example"));
        }
        for (int i = 0; i < 3; i++) {
            assertThat(events.take()).isInstanceOf(MailEvent.Attempted.class);
        }
        assertThat(events.take())
                .isInstanceOfSatisfying(
                        MailEvent.Bounced.class,
                        e ->
                                assertThat(e.recipients())
                                        .containsExactly(Mailbox.parse("nobody@a.example")));
    }

    @Test
    void neverBouncesABounce() throws Exception {
        try (var remote =
                ScriptedRemote.playing(new MailSink().answering(_ -> "550 5.1.1 Unknown"))) {
            start(to(remote));
            Settlement settlement = settle(Mail.from(ReversePath.NULL, "leo@example.org"));

            assertThat(said(settlement)).containsExactly("failed 550 5.1.1 Unknown");
            assertThat(settlement.reports()).isEmpty();
        }
    }

    @Test
    void givesUpAtTheEndOfTheLifetime() throws Exception {
        try (var remote =
                ScriptedRemote.playing(new MailSink().answering(_ -> "450 4.2.1 Later"))) {
            start(to(remote));
            now = NOON.plus(Duration.ofDays(5));
            Settlement settlement = settle(Mail.to("leo@example.org"));

            assertThat(said(settlement))
                    .singleElement()
                    .asString()
                    .startsWith("failed 554 5.4.7")
                    .endsWith("450 4.2.1 Later");
            assertThat(settlement.next()).isEmpty();
            assertThat(settlement.reports()).hasSize(1);
        }
    }

    @Test
    void deliversInClearWhereTlsDoesNotWork(@TempDir Path directory) throws Exception {
        MailSink sink = new MailSink();
        ScriptedRemote.Script brokenTls =
                client -> {
                    client.say("220 mx.example");
                    client.hear("EHLO");
                    client.say("250-mx.example", "250 STARTTLS");
                    client.hear("STARTTLS");
                    client.say("220 Go", "250 injected");
                    client.hearAll();
                };
        try (var remote = ScriptedRemote.playing(brokenTls, sink)) {
            start(to(remote));

            assertThat(said(settle(Mail.to("leo@example.org"))))
                    .containsExactly("delivered 250 2.0.0 Taken");
            assertThat(sink.next().secured()).isFalse();
        }
    }

    @Test
    void usesTlsWhereItWorks(@TempDir Path directory) throws Exception {
        MailSink sink =
                new MailSink().secured(RemoteTls.selfSigned("mx.example", directory).context());
        try (var remote = ScriptedRemote.playing(sink)) {
            start(to(remote));
            settle(Mail.to("leo@example.org"));

            assertThat(sink.next().secured()).isTrue();
        }
    }

    @Test
    void doesNotTryElsewhereWhereTheMessageMayHaveArrived() throws Exception {
        ScriptedRemote.Script closing =
                client -> {
                    client.say("220 mx.example");
                    client.hear("EHLO");
                    client.say("250-mx.example", "250 PIPELINING");
                    client.hear("MAIL");
                    client.hear("RCPT");
                    client.hear("DATA");
                    client.say("250 ok", "250 ok", "354 go");
                    client.hearContent();
                };
        try (var remote = ScriptedRemote.playing(closing)) {
            mxPort = remote.address().getPort();
            zone.mx("example.org", 10, "a.example").address("a.example", "127.0.0.1");
            zone.mx("example.org", 20, "b.example").address("b.example", "127.0.0.1");
            start("mx");

            assertThat(said(settle(Mail.to("leo@example.org"))))
                    .singleElement()
                    .asString()
                    .startsWith("deferred 421 4.4.2");
            assertThat(remote.connections()).isEqualTo(1);
        }
    }

    @Test
    void sendsManyRecipientsInSeveralTransactions() throws Exception {
        MailSink sink = new MailSink();
        perTransaction = 2;
        try (var remote = ScriptedRemote.playing(sink)) {
            start(to(remote));
            Settlement settlement = settle(Mail.to("a@x.example", "b@x.example", "c@x.example"));

            assertThat(said(settlement)).hasSize(3).allMatch(s -> s.startsWith("delivered"));
            assertThat(sink.next().rcpt()).hasSize(2);
            assertThat(sink.next().rcpt()).hasSize(1);
            assertThat(remote.connections()).isEqualTo(1);
        }
    }

    @Test
    void sendsTheRestWhereTheServerTakesFewRecipientsAtOnce() throws Exception {
        var full = new java.util.concurrent.atomic.AtomicInteger();
        MailSink sink =
                new MailSink()
                        .answering(
                                _ ->
                                        full.incrementAndGet() % 2 == 0
                                                ? "452 4.5.3 Too many"
                                                : "250 Ok");
        try (var remote = ScriptedRemote.playing(sink)) {
            start(to(remote));

            assertThat(said(settle(Mail.to("a@x.example", "b@x.example"))))
                    .hasSize(2)
                    .allMatch(s -> s.startsWith("delivered"));
            assertThat(remote.connections()).isEqualTo(1);
        }
    }

    @Test
    void deliversByLmtp() throws Exception {
        MailSink sink =
                new MailSink()
                        .lmtp()
                        .ending(line -> line.contains("full") ? "452 4.2.2 Full" : "250 2.0.0 Ok");
        try (var remote = ScriptedRemote.playing(sink)) {
            start("lmtp://127.0.0.1:" + remote.address().getPort());

            assertThat(said(settle(Mail.to("leo@a.example", "full@a.example"))))
                    .containsExactly("delivered 250 2.0.0 Ok", "deferred 452 4.2.2 Full");
        }
    }

    @Test
    void deliversIntoAMaildir(@TempDir Path directory) throws Exception {
        start("maildir:" + directory);

        assertThat(said(settle(Mail.to("leo@localhost"))))
                .singleElement()
                .asString()
                .startsWith("delivered 250");
        try (var files = Files.list(directory.resolve("leo/new"))) {
            assertThat(files.toList())
                    .singleElement()
                    .satisfies(
                            file ->
                                    assertThat(file)
                                            .hasContent(
                                                    "Return-Path: <mona@sender.example>\r\n"
                                                            + "Subject: x\r\n\r\nHello\r\n"));
        }
    }

    @Test
    void discards() throws Exception {
        start("discard");

        assertThat(said(settle(Mail.to("leo@example.org"))))
                .containsExactly("delivered 250 2.0.0 Discarded");
    }

    @Test
    void givesBackWhatAMistakeOfItsOwnBrokeOff() throws Exception {
        AtomicBoolean broken = new AtomicBoolean(true);
        clock =
                () -> {
                    if (broken.getAndSet(false)) {
                        throw new IllegalStateException("the clock has stopped");
                    }
                    return now;
                };
        start("discard");
        Job job = queue.offer(Mail.to("leo@example.org"), LETTER, NOON);
        assertThat(queue.givenBack()).isSameAs(job);
        assertThat(said(settle(Mail.to("mona@example.org"))))
                .containsExactly("delivered 250 2.0.0 Discarded");
    }

    @Test
    void holdsUntilReleasedAndThenTakesTheNextRoute() throws Exception {
        start("hold", "discard");
        queue.offer(Mail.to("leo@example.org"), LETTER, NOON);
        MemoryQueue.Settled held = queue.settled();

        assertThat(held.settlement().hold()).contains("route of example.org");
        assertThat(held.settlement().outcomes()).allMatch(Outcome.Deferred.class::isInstance);
        assertThat(events).isEmpty();

        queue.offer(held.again());
        assertThat(said(queue.settled().settlement()))
                .containsExactly("delivered 250 2.0.0 Discarded");
    }

    @Test
    void waitsWhereThereIsNoRoute() throws Exception {
        start();

        assertThat(said(settle(Mail.to("leo@example.org"))))
                .singleElement()
                .asString()
                .startsWith("deferred 451 4.3.5 No route for example.org");
    }

    @Test
    void failsAtOnceWhereTheDomainTakesNoMail() throws Exception {
        zone.mx("example.org", 0, "");
        start("mx");
        Settlement settlement = settle(Mail.to("leo@example.org"));

        assertThat(said(settlement)).singleElement().asString().startsWith("failed 556 5.1.10");
        assertThat(settlement.reports()).hasSize(1);
    }

    @Test
    void settlesLaterWhatTheStoreCouldNotWriteWithoutSendingItAgain() throws Exception {
        MailSink sink = new MailSink();
        try (var remote = ScriptedRemote.playing(sink)) {
            Delivery delivery = start(to(remote));
            queue.failing(3);

            assertThat(said(settle(Mail.to("leo@example.org"))))
                    .containsExactly("delivered 250 2.0.0 Taken");
            assertThat(remote.connections()).isEqualTo(1);
            delivery.drain(Duration.ofSeconds(10));
            assertThat(delivery.counters()).isEqualTo(new DeliveryCounters(0, 1, 0, 0, 0, 0, 0, 0));
        }
    }

    private static MailSink refusing() {
        return new MailSink().answering(_ -> "550 5.1.1 Unknown");
    }

    private static Envelope bounceTo(String recipient) {
        return Mail.from(ReversePath.NULL, recipient);
    }

    private Delivery failing(ScriptedRemote remote, Envelope envelope) throws Exception {
        Delivery delivery = start(to(remote));
        settle(envelope);
        delivery.drain(Duration.ofSeconds(10));
        return delivery;
    }

    @Test
    void countsAndTellsOfABounceThatIsDiscarded() throws Exception {
        try (var remote = ScriptedRemote.playing(refusing())) {
            Delivery delivery = failing(remote, bounceTo("leo@example.org"));

            assertThat(delivery.counters()).isEqualTo(new DeliveryCounters(0, 0, 0, 1, 0, 0, 1, 0));
            assertThat(events)
                    .filteredOn(MailEvent.BounceDiscarded.class::isInstance)
                    .singleElement()
                    .isEqualTo(
                            new MailEvent.BounceDiscarded(
                                    NOON,
                                    new MessageId("message0001"),
                                    List.of(Mailbox.parse("leo@example.org"))));
        }
    }

    @Test
    void countsAndTellsOfABounceThatTheOperatorGets() throws Exception {
        Mailbox postmaster = Mailbox.parse("postmaster@us.example");
        bounces =
                new BouncesConfig(
                        "en", Optional.empty(), new ByteSize(1024), Optional.of(postmaster));
        try (var remote = ScriptedRemote.playing(refusing())) {
            Delivery delivery = failing(remote, bounceTo("leo@example.org"));

            assertThat(delivery.counters()).isEqualTo(new DeliveryCounters(0, 0, 0, 1, 0, 1, 0, 0));
            assertThat(events)
                    .filteredOn(MailEvent.Bounced.class::isInstance)
                    .singleElement()
                    .extracting(it -> ((MailEvent.Bounced) it).to())
                    .isEqualTo(ReversePath.of(postmaster));
        }
    }

    @Test
    void waitsWhereContentCannotBeRead() throws Exception {
        try (var remote = ScriptedRemote.playing(new MailSink())) {
            start(to(remote));
            Content broken =
                    new Content() {
                        @Override
                        public long size() {
                            return 10;
                        }

                        @Override
                        public java.io.InputStream open() {
                            throw new IllegalStateException("a fault of the store");
                        }
                    };
            queue.offer(Mail.to("leo@example.org"), broken, NOON);

            assertThat(said(queue.settled().settlement()))
                    .containsExactly("deferred 451 4.3.0 Local error in processing");
        }
    }

    @Test
    void letsARunningAttemptFinishWhenItStops() throws Exception {
        var asked = new CountDownLatch(1);
        var answer = new CountDownLatch(1);
        MailSink sink =
                new MailSink()
                        .ending(
                                _ -> {
                                    asked.countDown();
                                    await(answer);
                                    return "250 2.0.0 Slow";
                                });
        try (var remote = ScriptedRemote.playing(sink)) {
            Delivery delivery = start(to(remote));
            queue.offer(Mail.to("leo@example.org"), LETTER, NOON);
            asked.await();
            Thread.ofVirtual().start(answer::countDown);

            assertThat(delivery.drain(Duration.ofSeconds(30))).isTrue();
            assertThat(said(queue.settled().settlement()))
                    .containsExactly("delivered 250 2.0.0 Slow");
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void givesBackWhatDoesNotFinishInTime() throws Exception {
        var connected = new CountDownLatch(1);
        ScriptedRemote.Script silent =
                (RemoteConnection client) -> {
                    connected.countDown();
                    client.hearAll();
                };
        try (var remote =
                ScriptedRemote.playing(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), silent)) {
            Delivery delivery = start(to(remote));
            Job job = queue.offer(Mail.to("leo@example.org"), LETTER, NOON);
            connected.await();

            assertThat(delivery.drain(Duration.ofMillis(50))).isFalse();
            assertThat(queue.givenBack()).isSameAs(job);
        }
    }
}
