package org.posthorn.testkit.dialogue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.posthorn.testkit.dialogue.TestHooks.blocking;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.posthorn.api.event.MailEvent;
import org.posthorn.api.mail.HeaderField;
import org.posthorn.api.mail.Recipient;
import org.posthorn.api.plugin.CloseReason;
import org.posthorn.api.plugin.Hooks;
import org.posthorn.api.plugin.SessionHooks;
import org.posthorn.api.plugin.Transaction;
import org.posthorn.api.plugin.Verdict;
import org.posthorn.smtp.EventLoops;
import org.posthorn.smtp.server.ConfiguredPlugin;
import org.posthorn.smtp.server.FailurePolicy;
import org.posthorn.smtp.server.HookChain;
import org.posthorn.smtp.server.MessageLimits;
import org.posthorn.smtp.server.SmtpLimits;
import org.posthorn.smtp.server.SmtpServer;
import org.posthorn.testkit.RecordingIntake;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/// Plugins that may block, behind a real socket.
class BlockingHooksTest {
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final Duration SHORT = Duration.ofMillis(20);

    private final RecordingIntake intake = new RecordingIntake();
    private final BlockingQueue<MailEvent> events = new LinkedBlockingQueue<>();
    private final EventLoops loops = EventLoops.start(1);
    private final CountDownLatch release = new CountDownLatch(1);
    private HookChain chain = HookChain.EMPTY;
    private SmtpServer server;

    @AfterEach
    void stop() {
        release.countDown();
        server.close();
        loops.close();
    }

    @Test
    void blockOnAVirtualThreadOfTheirOwn() throws IOException {
        List<Thread> threads = Collections.synchronizedList(new ArrayList<>());
        SessionHooks hooks =
                (TestHooks.Rcpt)
                        (_, _) -> {
                            threads.add(Thread.currentThread());
                            return Verdict.ACCEPT;
                        };
        try (var peer = connect(plugin("p", hooks, LONG))) {
            peer.say("RCPT TO:<leo@example.org>\r\nRCPT TO:<lea@example.org>", "250");
            peer.expect("250");
            assertThat(threads).hasSize(2).allMatch(Thread::isVirtual);
        }
    }

    @Test
    void readTheContentOfAMessage() throws IOException {
        SessionHooks reader =
                (TestHooks.OnMessage)
                        (transaction, message) -> {
                            try (var stream = message.content().open()) {
                                int octets = stream.readAllBytes().length;
                                transaction.addHeader(new HeaderField("X-Octets", "" + octets));
                            } catch (IOException e) {
                                throw new AssertionError(e);
                            }
                            return Verdict.NO_OPINION;
                        };
        try (var peer =
                connect(plugin("reader", reader, LONG), plugin("relay", vouching(), LONG))) {
            peer.say("RCPT TO:<leo@example.org>\r\nDATA", "250");
            peer.expect("354");
            peer.say("Subject: x\r\n\r\nBody\r\n.\r\nNOOP", "250 2.0.0 Ok: queued as M1000000");
            peer.expect("250");
            assertThat(intake.last().text()).contains("X-Octets: 20\r\nSubject: x\r\n");
        }
    }

    @Test
    void areInterruptedWhenTheyOverrun() throws Exception {
        CountDownLatch interrupted = new CountDownLatch(1);
        SessionHooks sleeper =
                (TestHooks.Rcpt)
                        (_, _) -> {
                            try {
                                release.await();
                            } catch (InterruptedException e) {
                                interrupted.countDown();
                            }
                            return Verdict.ACCEPT;
                        };
        try (var peer = connect(plugin("sleeper", sleeper, SHORT))) {
            peer.say("RCPT TO:<leo@example.org>", "451 4.3.0");
            assertThat(interrupted.await(20, TimeUnit.SECONDS)).isTrue();
            peer.say("NOOP", "250");
            MailEvent.PluginFailed failed = next(MailEvent.PluginFailed.class);
            assertThat(failed.hook()).isEqualTo("rcpt");
            assertThat(failed.failure()).contains("no answer within 20 ms");
        }
    }

    @Test
    void areNotAskedAgainWhileTheyAreStuck() throws Exception {
        CountDownLatch free = new CountDownLatch(1);
        SessionHooks stuck =
                new SessionHooks() {
                    private boolean before;

                    @Override
                    public Verdict rcpt(Transaction transaction, Recipient recipient) {
                        if (!before) {
                            before = true;
                            transaction.addHeader(new HeaderField("X-Late", "lost"));
                            waitWhatever(release);
                            transaction.addHeader(new HeaderField("X-Later", "lost"));
                        }
                        return Verdict.ACCEPT;
                    }

                    @Override
                    public void close(CloseReason reason) {
                        free.countDown();
                    }
                };
        SmtpServer running;
        try (var peer = connect(plugin("stuck", stuck, SHORT))) {
            running = server;
            peer.say("RCPT TO:<one@example.org>", "451 4.3.0");
            peer.say("RCPT TO:<two@example.org>", "451 4.3.0");
            assertThat(next(MailEvent.PluginFailed.class).failure()).contains("no answer within");
            assertThat(next(MailEvent.PluginFailed.class).failure()).contains("has not returned");
            assertThat(chain.stuckCalls()).isEqualTo(1);
            peer.say("QUIT", "221");
        }
        next(MailEvent.Disconnected.class);
        assertThat(running.sessions()).isZero();
        assertThat(free.getCount()).isEqualTo(1);
        release.countDown();
        assertThat(free.await(20, TimeUnit.SECONDS)).isTrue();
        assertThat(chain.stuckCalls()).isZero();
    }

    private static void waitWhatever(CountDownLatch latch) {
        boolean done = false;
        while (!done) {
            try {
                latch.await();
                done = true;
            } catch (InterruptedException e) {
                // A stubborn plugin.
            }
        }
    }

    @Test
    void hearTheEndOfTheirSessionOnce() throws Exception {
        BlockingQueue<CloseReason> reasons = new LinkedBlockingQueue<>();
        SessionHooks hooks =
                new SessionHooks() {
                    @Override
                    public void close(CloseReason reason) {
                        reasons.add(reason);
                    }
                };
        try (var peer = connect(plugin("p", hooks, LONG))) {
            peer.say("QUIT", "221");
        }
        assertThat(reasons.poll(20, TimeUnit.SECONDS)).isEqualTo(CloseReason.QUIT);
        connect(plugin("p", hooks, LONG)).close();
        assertThat(reasons.poll(20, TimeUnit.SECONDS)).isEqualTo(CloseReason.CLIENT_LEFT);
        assertThat(reasons).isEmpty();
    }

    @Test
    void hearNothingAfterTheEndOfTheirSession() throws Exception {
        CountDownLatch inside = new CountDownLatch(1);
        BlockingQueue<String> heard = new LinkedBlockingQueue<>();
        SessionHooks first =
                new SessionHooks() {
                    @Override
                    public Verdict rcpt(Transaction transaction, Recipient recipient) {
                        inside.countDown();
                        waitWhatever(release);
                        return Verdict.NO_OPINION;
                    }

                    @Override
                    public void close(CloseReason reason) {
                        heard.add("first closed");
                    }
                };
        SessionHooks second =
                new SessionHooks() {
                    @Override
                    public Verdict rcpt(Transaction transaction, Recipient recipient) {
                        heard.add("second asked");
                        return Verdict.ACCEPT;
                    }

                    @Override
                    public void close(CloseReason reason) {
                        heard.add("second closed");
                    }
                };
        try (var peer = connect(plugin("first", first, LONG), plugin("second", second, LONG))) {
            peer.send("RCPT TO:<leo@example.org>\r\n");
            assertThat(inside.await(20, TimeUnit.SECONDS)).isTrue();
            server.close();
        }
        assertThat(heard.poll(20, TimeUnit.SECONDS)).isEqualTo("second closed");
        release.countDown();
        assertThat(heard.poll(20, TimeUnit.SECONDS)).isEqualTo("first closed");
        awaitTheLoop();
        assertThat(heard).isEmpty();
    }

    @Test
    void haveNoPartInASessionThatEndedBeforeTheirTurn() throws Exception {
        CountDownLatch inside = new CountDownLatch(1);
        BlockingQueue<String> heard = new LinkedBlockingQueue<>();
        Hooks slow =
                new TestHooks(
                        true,
                        () -> {
                            inside.countDown();
                            waitWhatever(release);
                            return new SessionHooks() {
                                @Override
                                public void close(CloseReason reason) {
                                    heard.add("slow closed");
                                }
                            };
                        });
        Hooks next =
                new TestHooks(
                        true,
                        () -> {
                            heard.add("next joined");
                            return vouching();
                        });
        listen(
                new ConfiguredPlugin("slow", slow, LONG, FailurePolicy.TEMPFAIL),
                new ConfiguredPlugin("next", next, LONG, FailurePolicy.TEMPFAIL));
        SocketPeer peer = new SocketPeer(server.start().get("smtp"));
        assertThat(inside.await(20, TimeUnit.SECONDS)).isTrue();
        server.close();
        peer.close();
        next(MailEvent.Disconnected.class);
        release.countDown();
        assertThat(heard.poll(20, TimeUnit.SECONDS)).isEqualTo("slow closed");
        awaitTheLoop();
        assertThat(heard).isEmpty();
    }

    @Test
    void doNotHoldUpOtherSessions() throws Exception {
        CountDownLatch inside = new CountDownLatch(1);
        SessionHooks waiter =
                (TestHooks.Rcpt)
                        (_, _) -> {
                            inside.countDown();
                            waitWhatever(release);
                            return Verdict.ACCEPT;
                        };
        try (var one = connect(plugin("waiter", waiter, LONG));
                var two = new SocketPeer(server.start().get("plain"))) {
            one.send("RCPT TO:<leo@example.org>\r\n");
            assertThat(inside.await(20, TimeUnit.SECONDS)).isTrue();
            two.expect("220");
            two.say("NOOP", "250");
            release.countDown();
            one.expect("250 2.1.5");
        }
    }

    /// Waits until the event loop has done what it has to do now.
    private void awaitTheLoop() throws InterruptedException {
        CountDownLatch done = new CountDownLatch(1);
        Executor loop = loops.group();
        loop.execute(done::countDown);
        assertThat(done.await(20, TimeUnit.SECONDS)).isTrue();
    }

    private static SessionHooks vouching() {
        return (TestHooks.Rcpt) (_, _) -> Verdict.ACCEPT;
    }

    private static ConfiguredPlugin plugin(String name, SessionHooks hooks, Duration budget) {
        return new ConfiguredPlugin(name, blocking(hooks), budget, FailurePolicy.TEMPFAIL);
    }

    /// Connects and says `MAIL`.
    private SocketPeer connect(ConfiguredPlugin... plugins) throws IOException {
        listen(plugins);
        SocketPeer peer = new SocketPeer(server.start().get("smtp"));
        peer.expect("220");
        peer.say("HELO client.example", "250");
        peer.say("MAIL FROM:<mona@example.org>", "250");
        return peer;
    }

    private void listen(ConfiguredPlugin... plugins) {
        if (server != null) {
            server.close();
        }
        chain = new HookChain(List.of(plugins));
        server =
                TestServers.server(
                        SmtpLimits.DEFAULT,
                        MessageLimits.DEFAULT,
                        Optional.empty(),
                        chain,
                        intake,
                        events::add,
                        loops);
    }

    private <T extends MailEvent> T next(Class<T> kind) throws InterruptedException {
        while (true) {
            MailEvent event = events.poll(20, TimeUnit.SECONDS);
            assertThat(event).isNotNull();
            if (kind.isInstance(event)) {
                return kind.cast(event);
            }
        }
    }
}
