package org.posthorn.delivery;

import org.posthorn.api.delivery.Outcome;
import org.posthorn.api.mail.Content;
import org.posthorn.api.mail.Envelope;
import org.posthorn.smtp.EventLoops;
import org.posthorn.smtp.client.BareLineEnds;
import org.posthorn.smtp.client.ClientTimeouts;
import org.posthorn.smtp.client.ClientTls;
import org.posthorn.smtp.client.SmtpClient;
import org.posthorn.testkit.InMemoryDns;
import org.posthorn.testkit.ManualClock;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/// Delivery with a queue, a DNS and a clock of the test.
final class Engine implements AutoCloseable {
    static final Content LETTER = Mail.content("Subject: x\r\n\r\nHello\r\n");

    final MemoryQueue queue = new MemoryQueue();
    final InMemoryDns zone = new InMemoryDns();
    final ManualClock clock = ManualClock.atNoon();
    final Alarms alarms = new Alarms(clock);
    private final Delivery delivery;

    /// @param tls which servers are trusted
    Engine(
            EventLoops loops,
            int mxPort,
            SessionsConfig sessions,
            ClientTls tls,
            RouteConfig... table) {
        this(loops, mxPort, sessions, List.of(), tls, table);
    }

    /// @param shaping limits
    /// @param tls which servers are trusted
    Engine(
            EventLoops loops,
            int mxPort,
            SessionsConfig sessions,
            List<ShapingConfig> shaping,
            ClientTls tls,
            RouteConfig... table) {
        var config =
                new DeliveryConfig(
                        mxPort,
                        5,
                        100,
                        sessions,
                        Map.of(),
                        shaping,
                        ClientTimeouts.STANDARD,
                        BareLineEnds.REJECT,
                        Optional.empty(),
                        Duration.ofSeconds(20));
        var client =
                new SmtpClient(
                        loops, ClientTimeouts.all(Duration.ofSeconds(20)), tls, new Random(2));
        this.delivery =
                new Delivery(
                        config,
                        BouncesConfig.STANDARD,
                        Routes.of(List.of(table), Path.of("/nowhere"), Schedules.USUAL),
                        new LocalHost("us.example", List.of()),
                        new Delivery.Surroundings(
                                queue,
                                zone,
                                client,
                                OutgoingTls.simple(zone, clock),
                                _ -> {},
                                clock,
                                new Random(1),
                                clock::advance,
                                alarms));
        delivery.start();
    }

    Delivery delivery() {
        return delivery;
    }

    SiteState site() {
        return delivery.sites().list("", 10).getFirst();
    }

    void offer(String... recipients) {
        offer(Mail.to(recipients));
    }

    void offer(Envelope envelope) {
        queue.offer(envelope, LETTER, clock.instant());
    }

    /// Returns what becomes of the first recipient of the next job that is settled.
    String settled() throws InterruptedException {
        Outcome outcome = queue.settled().settlement().outcomes().getFirst();
        return switch (outcome) {
            case Outcome.Delivered(var reply) -> "delivered " + reply;
            case Outcome.Deferred(var reply) -> "deferred " + reply;
            case Outcome.Failed(var reply) -> "failed " + reply;
        };
    }

    String send(String... recipients) throws InterruptedException {
        offer(recipients);
        return settled();
    }

    @Override
    public void close() {
        try {
            delivery.drain(Duration.ofSeconds(10));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
