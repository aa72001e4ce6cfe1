package org.posthorn.delivery;

import org.posthorn.api.dns.Resolver;
import org.posthorn.api.event.MailObserver;
import org.posthorn.api.mail.MessageId;
import org.posthorn.api.smtp.Reply;
import org.posthorn.queue.Job;
import org.posthorn.queue.Queue;
import org.posthorn.smtp.client.SmtpClient;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.random.RandomGenerator;

/// Takes jobs from the queue, attempts each on a virtual thread of its own, and settles it.
///
/// How much runs at once is the queue's to bound, by its lanes. Safe for use by many threads.
public final class Delivery {
    private static final Logger LOG = LoggerFactory.getLogger(Delivery.class);
    /// What recipients are told after a mistake of ours.
    static final Reply MISTAKE = Reply.of(451, "4.3.0", "Local error in processing");

    private static final Duration AFTER_FAULT = Duration.ofSeconds(1);
    private static final Duration AFTER_MISTAKE = Duration.ofMinutes(1);
    private static final Duration AFTER_INTERRUPT = Duration.ofSeconds(5);

    /// What it works with.
    ///
    /// @param queue where jobs come from
    /// @param dns for mail exchangers and their addresses
    /// @param client for sessions with other servers
    /// @param tls how well they must be secured
    /// @param observer is told of attempts, bounces and finished messages
    /// @param clock that all decisions go by
    /// @param random for the order among equals, and for jitter
    /// @param pause lets time pass: `Thread::sleep`, unless a test owns the time
    /// @param alarm has things done when time has passed
    public record Surroundings(
            Queue queue,
            Resolver dns,
            SmtpClient client,
            OutgoingTls tls,
            MailObserver observer,
            InstantSource clock,
            RandomGenerator random,
            Pause pause,
            Alarm alarm) {}

    private final Queue queue;
    private final Sites sites;
    private final Attempts attempts;
    private final Judgement judgement;
    private final Pause pause;
    private final Unsettled unsettled;
    private final Ledger ledger;
    private final Set<Thread> running = ConcurrentHashMap.newKeySet();
    private final Thread dispatcher = Thread.ofVirtual().name("delivery").unstarted(this::dispatch);
    private volatile boolean draining;

    /// Makes an engine that does nothing until [#start].
    ///
    /// @param config the `delivery` block
    /// @param bounced the `bounces` block
    /// @param routes the route table, with when to try again and when to give up
    /// @param us who we are
    /// @param surroundings what it works with; nothing of it is closed by this
    /// @throws IllegalArgumentException when something is wrong with a template
    public Delivery(
            DeliveryConfig config,
            BouncesConfig bounced,
            Routes routes,
            LocalHost us,
            Surroundings surroundings) {
        this.queue = surroundings.queue();
        this.pause = surroundings.pause();
        this.unsettled = new Unsettled(pause);
        this.ledger = new Ledger(surroundings.observer(), surroundings.clock());
        this.attempts = Attempts.of(config, routes, us, surroundings);
        this.sites = attempts.sites();
        this.judgement =
                new Judgement(
                        routes,
                        new Reports(
                                us.name(),
                                Templates.of(bounced),
                                bounced.maxOriginal().bytes(),
                                surroundings.random()),
                        new Notices(bounced.doubleBounceRecipient()),
                        surroundings.clock(),
                        surroundings.random());
    }

    /// Starts taking jobs. Once.
    public void start() {
        dispatcher.start();
    }

    /// Stops: takes no more jobs, gives back those that wait for a session, lets running attempts
    /// finish, and gives back those that do not within the bound. Their remote may have taken the
    /// message, or may yet: it will be tried again after the next start, which is the price of
    /// at-least-once.
    ///
    /// @param bound how long attempts may go on
    /// @return whether all finished by themselves
    /// @throws InterruptedException when the thread is interrupted while it waits
    public boolean drain(Duration bound) throws InterruptedException {
        draining = true;
        dispatcher.interrupt();
        dispatcher.join();
        sites.drain();
        boolean finished = join(bound);
        running.forEach(Thread::interrupt);
        join(AFTER_INTERRUPT);
        return finished;
    }

    private boolean join(Duration bound) throws InterruptedException {
        long end = System.nanoTime() + bound.toNanos();
        for (Thread thread : running) {
            if (!thread.join(Duration.ofNanos(Math.max(1, end - System.nanoTime())))) {
                return false;
            }
        }
        return true;
    }

    /// Returns how much was done.
    public DeliveryCounters counters() {
        return ledger.counters(running.size(), unsettled.failures());
    }

    /// Returns where mail goes.
    public Sites sites() {
        return sites;
    }

    /// Says why a job that was handed out waits nevertheless, if it does.
    ///
    /// @param number which of the message's jobs
    public Optional<NotYet> delay(MessageId message, int number) {
        return sites.delay(Errand.job(message, number));
    }

    private void dispatch() {
        try {
            while (!draining) {
                Optional<Job> job = take();
                if (job.isEmpty()) {
                    pause.last(AFTER_FAULT);
                } else {
                    Thread thread =
                            Thread.ofVirtual()
                                    .name(job.get().toString())
                                    .unstarted(() -> run(job.get()));
                    running.add(thread);
                    thread.start();
                }
            }
        } catch (InterruptedException e) {
            LOG.debug("no more jobs are taken");
        }
    }

    private Optional<Job> take() throws InterruptedException {
        try {
            return Optional.of(queue.take());
        } catch (RuntimeException e) {
            LOG.error("the queue hands out no jobs; asked again in {}", AFTER_FAULT, e);
            return Optional.empty();
        }
    }

    private void run(Job job) {
        try {
            work(job);
        } catch (InterruptedException e) {
            queue.giveBack(job);
        } finally {
            running.remove(Thread.currentThread());
        }
    }

    /// A mistake of ours must not keep a job until the next start, nor a destination's lane busy
    /// with it.
    private void work(Job job) throws InterruptedException {
        try {
            Optional<Decision> earlier = unsettled.find(job);
            settle(job, earlier.isPresent() ? earlier.get() : decide(job));
        } catch (RuntimeException e) {
            LOG.error("{}: not settled by a mistake of ours; again in {}", job, AFTER_MISTAKE, e);
            pause.last(AFTER_MISTAKE);
            queue.giveBack(job);
        }
    }

    private Decision decide(Job job) throws InterruptedException {
        Decision decision = judgement.on(job, attempt(job));
        ledger.decided(job, decision);
        return decision;
    }

    private Attempt attempt(Job job) throws InterruptedException {
        WatchedContent content = new WatchedContent(job.content());
        try {
            return content.judge(job, attempts.at(job.with(content)));
        } catch (RuntimeException e) {
            LOG.error("{}: the attempt failed on our side and will be repeated", job, e);
            int count = job.envelope().recipients().size();
            return new Attempt.Tried(Result.of(MISTAKE, "none", "").forAll(count));
        }
    }

    /// Not interruptible: once an attempt was made, its result must not get lost.
    private void settle(Job job, Decision decision) {
        unsettled.keep(job, decision);
        try {
            Queue.Settled settled =
                    queue.settle(job, decision.settlement().of(decision.peer()))
                            .toCompletableFuture()
                            .join();
            unsettled.settled(job);
            ledger.settled(job, decision, settled);
        } catch (CompletionException | CancellationException e) {
            LOG.warn(
                    "{}: the store could not write what became of it, and is tried again: {}",
                    job,
                    String.valueOf(e.getCause()));
            unsettled.failed(job);
        }
    }
}
