package org.posthorn.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.posthorn.api.dns.DnsAnswer;
import org.posthorn.api.dns.RecordType;
import org.posthorn.queue.Job;
import org.posthorn.smtp.EventLoops;
import org.posthorn.smtp.client.ClientTls;
import org.posthorn.testkit.remote.MailSink;
import org.posthorn.testkit.remote.ScriptedRemote;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/// What a slow or dead site means for its own mail, and for that of others.
@Timeout(120)
class SitesTest {
    private static final EventLoops LOOPS = EventLoops.start(1);

    @AfterAll
    static void close() {
        LOOPS.close();
    }

    private static final SessionsConfig TWENTY =
            new SessionsConfig(
                    20,
                    20,
                    100,
                    Duration.ofMinutes(5),
                    Duration.ofSeconds(5),
                    1000,
                    2000,
                    Duration.ofSeconds(10),
                    3,
                    Duration.ofSeconds(30),
                    Duration.ofMinutes(15));

    private static Engine engine(int mxPort) {
        return new Engine(
                LOOPS, mxPort, TWENTY, ClientTls.standard(), new RouteConfig(List.of("*"), "mx"));
    }

    private static void exchanger(Engine engine, String host, String address) {
        engine.zone.address(host, address);
        engine.zone.answer(host, RecordType.AAAA, new DnsAnswer.NoRecords());
    }

    @Test
    void aSlowSiteDelaysOnlyItselfWhateverThereIsForIt() throws Exception {
        var answer = new CountDownLatch(1);
        MailSink slow =
                new MailSink()
                        .ending(
                                _ -> {
                                    await(answer);
                                    return "250 2.0.0 Slow";
                                });
        MailSink fast = new MailSink();
        try (var slowly = ScriptedRemote.playing(slow);
                var quickly =
                        ScriptedRemote.playing(
                                new java.net.InetSocketAddress(
                                        "127.0.0.2", slowly.address().getPort()),
                                fast);
                var engine = engine(slowly.address().getPort())) {
            exchanger(engine, "slow.example", "127.0.0.1");
            exchanger(engine, "fast.example", "127.0.0.2");
            engine.zone.mx("quick.example", 10, "fast.example");
            for (int i = 0; i < 10_000; i++) {
                engine.zone.mx("d" + i + ".example", 10, "slow.example");
                engine.offer("leo@d" + i + ".example");
            }
            for (int i = 0; i < 7_980; i++) {
                assertThat(engine.settled())
                        .startsWith("deferred 450 4.4.5 Waits: all 20 sessions with slow.example");
            }
            SiteState site = engine.site();
            assertThat(site.name()).isEqualTo("slow.example");
            assertThat(site.used()).isEqualTo(20);
            assertThat(site.waiting()).isEqualTo(2_000);

            engine.offer("leo@quick.example");
            assertThat(engine.settled()).isEqualTo("delivered 250 2.0.0 Taken");
            answer.countDown();
            for (int i = 0; i < 2_020; i++) {
                assertThat(engine.settled()).isEqualTo("delivered 250 2.0.0 Slow");
            }
            assertThat(slowly.connections()).isLessThanOrEqualTo(41);
            assertThat(quickly.connections()).isEqualTo(1);
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
    void whatWaitsInMemorySaysWhyAndForHowLong() throws Exception {
        var answer = new CountDownLatch(1);
        var asked = new CountDownLatch(20);
        MailSink slow =
                new MailSink()
                        .ending(
                                _ -> {
                                    asked.countDown();
                                    await(answer);
                                    return "250 2.0.0 Slow";
                                });
        try (var remote = ScriptedRemote.playing(slow);
                var engine = engine(remote.address().getPort())) {
            engine.zone.mx("a.example", 10, "mx.example");
            exchanger(engine, "mx.example", "127.0.0.1");
            for (int i = 0; i < 20; i++) {
                engine.offer("leo@a.example");
            }
            asked.await();
            Job job =
                    engine.queue.offer(
                            Mail.to("leo@a.example"), Engine.LETTER, engine.clock.instant());
            while (engine.site().waiting() == 0) {
                Thread.onSpinWait();
            }
            assertThat(engine.delivery().delay(job.message(), job.number()))
                    .hasValueSatisfying(
                            it -> {
                                assertThat(it.reason())
                                        .startsWith("waits for one of 20 sessions with mx.example");
                                assertThat(it.earliest())
                                        .isBetween(
                                                engine.clock.instant(),
                                                engine.clock.instant().plusSeconds(1));
                            });
            answer.countDown();
            for (int i = 0; i < 21; i++) {
                assertThat(engine.settled()).isEqualTo("delivered 250 2.0.0 Slow");
            }
        }
    }

    @Test
    void whatWaitsIsGivenBackWhenTheServerStops() throws Exception {
        var answer = new CountDownLatch(1);
        MailSink slow =
                new MailSink()
                        .ending(
                                _ -> {
                                    await(answer);
                                    return "250 2.0.0 Slow";
                                });
        try (var remote = ScriptedRemote.playing(slow);
                var engine = engine(remote.address().getPort())) {
            engine.zone.mx("a.example", 10, "mx.example");
            exchanger(engine, "mx.example", "127.0.0.1");
            for (int i = 0; i < 22; i++) {
                engine.offer("leo@a.example");
            }
            while (engine.delivery().sites().count() == 0 || engine.site().waiting() < 2) {
                Thread.onSpinWait();
            }
            Thread stop = Thread.ofVirtual().start(engine::close);
            engine.queue.givenBack();
            engine.queue.givenBack();
            answer.countDown();
            stop.join();
            for (int i = 0; i < 20; i++) {
                assertThat(engine.settled()).isEqualTo("delivered 250 2.0.0 Slow");
            }
        }
    }

    @Test
    void mailForADeadSiteIsNotTriedAndComesBackByItsScheduleWithoutCountingAnAttempt()
            throws Exception {
        var gone = ScriptedRemote.playing(new MailSink());
        gone.close();
        try (var engine = engine(gone.address().getPort())) {
            engine.zone.mx("a.example", 10, "mx.example").mx("b.example", 10, "mx.example");
            exchanger(engine, "mx.example", "127.0.0.1");
            for (int i = 0; i < 3; i++) {
                assertThat(engine.send("leo@a.example")).contains("refused the connection");
            }
            engine.offer("leo@b.example");
            MemoryQueue.Settled settled = engine.queue.settled();
            assertThat(settled.settlement().outcomes().getFirst().reply().toString())
                    .startsWith("421 4.4.1 Not tried, since mx.example did not answer: 127.0.0.1:")
                    .endsWith("refused the connection (connecting)");
            assertThat(settled.settlement().attempted()).isFalse();
            assertThat(settled.settlement().next().orElseThrow())
                    .isBetween(
                            engine.clock.instant().plusSeconds(270),
                            engine.clock.instant().plusSeconds(330));

            engine.clock.advance(Duration.ofSeconds(30));
            assertThat(engine.send("leo@b.example")).startsWith("deferred 421 4.4.1 127.0.0.1:");
        }
    }

    @Test
    void aDeadSiteIsAliveAgainWhenTheProbeIsAnswered() throws Exception {
        var gone = ScriptedRemote.playing(new MailSink());
        gone.close();
        try (var engine = engine(gone.address().getPort())) {
            engine.zone.mx("a.example", 10, "mx.example");
            exchanger(engine, "mx.example", "127.0.0.1");
            for (int i = 0; i < 4; i++) {
                engine.send("leo@a.example");
            }
            assertThat(engine.site().kind()).isEqualTo(SiteState.Kind.DEAD);
            try (var back = ScriptedRemote.playing(gone.address(), new MailSink())) {
                engine.clock.advance(Duration.ofSeconds(30));
                assertThat(engine.send("leo@a.example")).isEqualTo("delivered 250 2.0.0 Taken");
                assertThat(engine.site().kind()).isEqualTo(SiteState.Kind.OPEN);
                assertThat(back.connections()).isEqualTo(1);
            }
        }
    }

    @Test
    void anOperatorSuspendsASiteAndResumesIt() throws Exception {
        try (var remote = ScriptedRemote.playing(new MailSink());
                var engine = engine(remote.address().getPort())) {
            engine.zone.mx("a.example", 10, "mx.example");
            exchanger(engine, "mx.example", "127.0.0.1");
            engine.send("leo@a.example");
            Sites sites = engine.delivery().sites();
            assertThat(sites.suspend("other.example", "why")).isFalse();
            assertThat(sites.suspend("mx.example", "they asked for it")).isTrue();
            assertThat(sites.idle()).isZero();
            assertThat(engine.send("leo@a.example"))
                    .isEqualTo(
                            "deferred 450 4.3.2 Not tried: mx.example is suspended: they asked for"
                                    + " it");
            assertThat(engine.site().kind()).isEqualTo(SiteState.Kind.SUSPENDED);
            assertThat(sites.resume("mx.example")).contains(true);
            assertThat(engine.send("leo@a.example")).isEqualTo("delivered 250 2.0.0 Taken");
            assertThat(sites.leaveIdle("mx.example")).contains(1);
            assertThat(sites.leaveIdle("other.example")).isEmpty();
        }
    }
}
