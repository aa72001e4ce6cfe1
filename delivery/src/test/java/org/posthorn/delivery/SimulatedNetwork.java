package org.posthorn.delivery;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Random;

/// A site and a sender with mail without end, on virtual time, event by event. The same seed gives
/// the same course.
final class SimulatedNetwork {
    static final Instant BEGIN = Instant.parse("2026-01-01T00:00:00Z");
    private final ScriptedSite site;
    private final Concurrency sender;
    private final ScriptedSite.Script script;
    private final Random random;
    private final PriorityQueue<Session> sessions =
            new PriorityQueue<>(Comparator.comparing(Session::end));
    private Instant now = BEGIN;
    private long taken;
    private long refused;
    private double seconds;

    private SimulatedNetwork(ScriptedSite site, Concurrency sender, long seed) {
        this.site = site;
        this.script = site.script().get();
        this.sender = sender;
        this.random = new Random(seed);
    }

    private record Session(Instant begin, Instant end, int among, ScriptedSite.Answer answer) {}

    /// What it came to.
    ///
    /// @param share which share was taken of what the site can take
    /// @param refused which share of the attempts came to nothing
    /// @param mean how long a message took on average, in seconds
    record Course(double share, double refused, double mean) {}

    static Course run(ScriptedSite site, Concurrency sender, long seed) {
        return new SimulatedNetwork(site, sender, seed).run();
    }

    private Course run() {
        Instant end = BEGIN.plus(site.lasts());
        while (now.isBefore(end)) {
            Instant again = begin();
            if (sessions.isEmpty() || again.isBefore(sessions.element().end())) {
                now = again;
            } else {
                end(sessions.remove());
            }
        }
        return new Course(
                taken / site.possible(),
                (double) refused / Math.max(1, taken + refused),
                seconds / Math.max(1, taken));
    }

    /// Begins as many sessions as may begin now.
    ///
    /// @return when to ask again
    private Instant begin() {
        while (true) {
            Optional<NotYet> not = sender.ask(now);
            if (not.isPresent()) {
                Instant earliest = not.get().earliest();
                return earliest.isAfter(now) ? earliest : now.plusMillis(1);
            }
            int among = sender.started(now);
            double at = Duration.between(BEGIN, now).toNanos() / 1e9;
            var answer = script.answer(at, sessions.size() + 1, random);
            Instant end = now.plusNanos((long) (answer.seconds() * 1e9));
            sessions.add(new Session(now, end, among, answer));
        }
    }

    private void end(Session session) {
        now = session.end();
        Duration took = Duration.between(session.begin(), now);
        if (session.answer().failure().isEmpty()) {
            taken++;
            seconds += session.answer().seconds();
            sender.succeeded(took, now);
        } else {
            refused++;
            sender.failed(session.answer().failure().get(), session.among(), took, now);
        }
    }
}
