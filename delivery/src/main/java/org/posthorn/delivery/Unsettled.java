package org.posthorn.delivery;

import org.posthorn.api.mail.MessageId;
import org.posthorn.queue.Job;
import org.posthorn.queue.Mark;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/// What the store has not written yet. If it cannot, the queue hands the job out again, as it must;
/// it is then settled as decided and not attempted anew, so that a full disk does not make
/// duplicates.
///
/// Bounded by the jobs that the queue hands out at once. Safe for use by many threads.
final class Unsettled {
    private static final int SLOWEST = 6;

    private record Key(MessageId message, int number) {
        static Key of(Job job) {
            return new Key(job.message(), job.number());
        }
    }

    /// @param attempts how far the job had got
    /// @param marks what had been told of it
    private record Kept(int attempts, Set<Mark> marks, Decision decision, int failures) {
        boolean isAbout(Job job) {
            return attempts == job.attempts() && marks.equals(told(job));
        }

        static Set<Mark> told(Job job) {
            return job.marks().stream()
                    .filter(it -> it != Mark.RELEASED)
                    .collect(Collectors.toUnmodifiableSet());
        }
    }

    private final Map<Key, Kept> kept = new ConcurrentHashMap<>();
    private final Pause pause;

    Unsettled(Pause pause) {
        this.pause = pause;
    }

    /// Keeps what was decided. Called before the store is asked: when it fails, the job may be
    /// handed out again before anybody hears of that.
    void keep(Job job, Decision decision) {
        kept.compute(
                Key.of(job),
                (_, before) ->
                        before != null && before.isAbout(job)
                                ? before
                                : new Kept(job.attempts(), Kept.told(job), decision, 0));
    }

    /// The store could not write it.
    void failed(Job job) {
        kept.computeIfPresent(
                Key.of(job),
                (_, before) ->
                        new Kept(
                                before.attempts,
                                before.marks,
                                before.decision,
                                before.failures + 1));
    }

    /// The store has written it.
    void settled(Job job) {
        kept.remove(Key.of(job));
    }

    /// Returns what was decided about a job, if it was: at once after the first failure, later
    /// after 2, 4, … 64 seconds.
    Optional<Decision> find(Job job) throws InterruptedException {
        Kept earlier = kept.get(Key.of(job));
        if (earlier == null || !earlier.isAbout(job)) {
            return Optional.empty();
        }
        if (earlier.failures > 1) {
            pause.last(Duration.ofSeconds(1L << Math.min(earlier.failures - 1, SLOWEST)));
        }
        return Optional.of(earlier.decision);
    }

    /// Returns how many the store could not write so far.
    long failures() {
        return kept.values().stream().filter(k -> k.failures > 0).count();
    }
}
