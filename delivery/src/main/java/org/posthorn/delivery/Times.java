package org.posthorn.delivery;

import org.posthorn.api.mail.DeliverBy;
import org.posthorn.api.mail.FutureRelease;
import org.posthorn.queue.Job;
import org.posthorn.queue.Mark;

import java.time.Instant;
import java.time.InstantSource;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/// The moments that matter to one job. Immutable.
///
/// @param schedule when to try again
/// @param start since when it is tried: its lifetime counts from there (RFC 4865 §4)
/// @param deadline by when its sender wants it delivered, if it said so, counted from there, too: a
///     time to deliver (RFC 2852 §4.1) that ended before the release could only bring mail back
/// @param returned whether it goes back when that has passed
/// @param marks what was told already
record Times(
        RetrySchedule schedule,
        Instant start,
        Optional<Instant> deadline,
        boolean returned,
        Set<Mark> marks) {

    static Times of(Job job, RetrySchedule schedule) {
        var mail = job.envelope().parameters();
        Instant start = start(job);
        Optional<DeliverBy> by = DeliverBy.of(mail);
        return new Times(
                schedule,
                start,
                by.map(it -> it.deadline(start)),
                by.filter(DeliverBy::returned).isPresent(),
                job.marks());
    }

    /// Returns since when a job is tried: since we took it, or since its release.
    static Instant start(Job job) {
        return FutureRelease.of(job.envelope().parameters(), job.acceptedAt())
                .orElse(job.acceptedAt());
    }

    /// Tells whether the sender does not want it delivered any more.
    boolean isTooLate(InstantSource clock) {
        return returned && deadline.filter(it -> !it.isAfter(clock.instant())).isPresent();
    }

    /// Returns what the sender wants, with the time that is left (RFC 2852 §4.1.4); where that is
    /// over, in the nine digits that there are.
    Optional<DeliverBy> left(DeliverBy by, Instant now) {
        return deadline.map(
                it -> {
                    long seconds = it.getEpochSecond() - now.getEpochSecond();
                    long least = by.returned() ? 1 : -DeliverBy.MOST_SECONDS;
                    return new DeliverBy(
                            Math.clamp(seconds, least, DeliverBy.MOST_SECONDS),
                            by.returned(),
                            by.traced());
                });
    }

    /// Returns when it will be given up.
    Instant end() {
        Instant lifetime = start.plus(schedule.giveUpAfter());
        return deadline.filter(it -> returned && it.isBefore(lifetime)).orElse(lifetime);
    }

    /// Returns when to try again after these results: as the schedule says, or earlier where the
    /// sender is owed a word. Empty when it is to be given up.
    Optional<Instant> next(Instant now, List<Result> results, RandomGenerator random) {
        if (isTooLate(() -> now)) {
            return Optional.empty();
        }
        return schedule.next(start, now, results, random).map(next -> orWord(next, now));
    }

    /// Returns when to look again after a job that waits for its route to open. Empty when it is to
    /// be given up.
    Optional<Instant> opening(Instant now, Instant opens) {
        if (!now.isBefore(end())) {
            return Optional.empty();
        }
        return Optional.of(orWord(opens.isBefore(end()) ? opens : end(), now));
    }

    private Instant orWord(Instant next, Instant now) {
        return Stream.concat(deadline.stream(), Stream.of(warning()))
                .filter(it -> it.isAfter(now) && it.isBefore(next))
                .min(Instant::compareTo)
                .orElse(next);
    }

    /// Returns of what the sender is to be told now, and was not told yet.
    Set<Mark> owed(Instant now) {
        Set<Mark> owed = EnumSet.noneOf(Mark.class);
        if (!warning().isAfter(now)) {
            owed.add(Mark.DELAY_TOLD);
        }
        if (deadline.filter(it -> !it.isAfter(now)).isPresent()) {
            owed.add(Mark.DEADLINE_TOLD);
        }
        owed.removeAll(marks);
        return owed;
    }

    private Instant warning() {
        return start.plus(schedule.warnAfter());
    }
}
