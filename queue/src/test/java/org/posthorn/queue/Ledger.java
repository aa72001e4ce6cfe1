package org.posthorn.queue;

import static org.assertj.core.api.Assertions.assertThat;

import org.posthorn.api.intake.Submission;
import org.posthorn.api.mail.Domain;
import org.posthorn.api.mail.MessageId;
import org.posthorn.api.mail.Recipient;

import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What a simulated queue has promised, by what it acknowledged: the oracle of [SimulationTest].
final class Ledger {
    private final Map<String, Owed> owed = new HashMap<>();
    private final List<Owed> all = new ArrayList<>();
    private boolean takenOver;

    /// A message that was submitted or that a settlement makes.
    static final class Owed {
        final Sample sample;
        final Submission submission;
        final Map<Recipient, Course> courses = new LinkedHashMap<>();
        Optional<MessageId> id = Optional.empty();
        boolean acknowledged;
        boolean deleting;
        boolean deleted;
        boolean restoring;
        boolean mayBeReleased;
        boolean retried;
        boolean seen;
        int finished;

        Owed(Sample sample, Submission submission) {
            this.sample = sample;
            this.submission = submission;
            this.mayBeReleased = submission.hold().isEmpty();
            submission.envelope().recipients().forEach(it -> courses.put(it, new Course()));
        }

        /// An operator asked for a change of due times: what was known of them is not.
        void meddle() {
            courses.values().forEach(it -> it.waits(Instant.MIN, false));
        }
    }

    /// What is known of one recipient.
    static final class Course {
        final List<Settling> ends = new ArrayList<>();
        Instant notBefore = Instant.MIN;
        boolean told;
        boolean held;

        /// It waits until then, and an operator.
        void waits(Instant until, boolean hold) {
            notBefore = until;
            held = hold;
        }

        boolean hasEnded() {
            return ends.stream().anyMatch(it -> it.acknowledged);
        }

        /// Tells whether some settlement may have ended it: one without a bounce, or whose bounce
        /// was seen.
        boolean mayHaveEnded() {
            return ends.stream()
                    .anyMatch(
                            it ->
                                    it.acknowledged
                                            || it.bounce.filter(bounce -> !bounce.seen).isEmpty());
        }
    }

    /// A settlement that was asked for.
    static final class Settling {
        final Owed message;
        final Optional<Owed> bounce;
        boolean acknowledged;

        Settling(Owed message, Optional<Owed> bounce) {
            this.message = message;
            this.bounce = bounce;
        }
    }

    Owed add(Sample sample, Submission submission) {
        Owed message = new Owed(sample, submission);
        owed.put(sample.token(), message);
        all.add(message);
        return message;
    }

    /// Somebody else has become the owner. Who was it before may end what has ended, without a
    /// change.
    void takenOver() {
        takenOver = true;
    }

    List<Owed> all() {
        return all;
    }

    Owed of(Job job) {
        Owed message = owed.get(Sample.token(job));
        assertThat(message).as("a message that somebody submitted").isNotNull();
        return message;
    }

    /// Checks what holds for each job that anybody is handed out, also by an owner who does not
    /// know yet that another has taken over: it is what was submitted.
    Owed checkWhole(Job job) {
        Owed message = of(job);
        message.seen = true;
        Submission submission = message.submission;
        if (!job.envelope().sender().equals(submission.envelope().sender())
                || !job.envelope().parameters().equals(submission.envelope().parameters())
                || !job.metadata().equals(submission.metadata())
                || !message.courses.keySet().containsAll(job.envelope().recipients())) {
            throw new AssertionError("changed: " + job + " of " + message.sample);
        }
        return message;
    }

    /// Checks what holds for each job that the owner hands out.
    void check(Job job, Instant now) {
        Owed message = checkWhole(job);
        try (InputStream in = job.content().open()) {
            check(message.sample.is(in.readAllBytes()), "its content is as submitted", job);
        } catch (IOException e) {
            throw new AssertionError("the content of " + message.sample, e);
        }
        if (message.restoring) {
            return;
        }
        check(!message.deleted, "it was not deleted", job);
        check(message.finished == 0, "its message is not finished", job);
        check(message.mayBeReleased, "it is not held", job);
        check(
                message.retried || !message.submission.notBefore().orElse(Instant.MIN).isAfter(now),
                "it is not before its first time",
                job);
        for (Recipient recipient : job.envelope().recipients()) {
            Course course = message.courses.get(recipient);
            check(!course.hasEnded(), "no recipient is done", job);
            check(!course.notBefore.isAfter(now), "it is due", job);
            check(!course.held, "it is not held", job);
            check(
                    !course.told || job.marks().contains(Mark.DELAY_TOLD),
                    "what was told is remembered",
                    job);
        }
    }

    private static void check(boolean holds, String promise, Job job) {
        if (!holds) {
            throw new AssertionError("not true of job " + job + ": " + promise);
        }
    }

    /// Forgets due times of a destination.
    void meddle(Domain destination) {
        for (Owed message : all) {
            message.courses.forEach(
                    (recipient, course) -> {
                        if (recipient.mailbox().domain().equals(destination)) {
                            course.waits(Instant.MIN, course.held);
                        }
                    });
        }
    }

    /// Checks, when all that was left has been delivered, that each acknowledged message has come
    /// to its end, by its recipients one by one, and that each bounce was made once.
    void checkEnds() {
        for (Owed message : all) {
            if (message.restoring) {
                continue;
            }
            check(message.finished <= 1, message, "it is finished once");
            if (message.acknowledged && !message.deleting) {
                message.courses.forEach(
                        (recipient, course) ->
                                check(
                                        course.mayHaveEnded(),
                                        message,
                                        recipient + " is not lost, nor its bounce"));
            }
            message.courses.forEach(
                    (recipient, course) -> {
                        long bounces =
                                course.ends.stream()
                                        .filter(it -> it.bounce.filter(b -> b.seen).isPresent())
                                        .count();
                        long ends =
                                course.ends.stream()
                                        .filter(
                                                it ->
                                                        it.acknowledged
                                                                || it.bounce
                                                                        .filter(b -> b.seen)
                                                                        .isPresent())
                                        .count();
                        check(bounces <= 1, message, recipient + " has one bounce at the most");
                        check(
                                ends <= 1 || message.deleting || takenOver,
                                message,
                                recipient + " ends once");
                    });
        }
    }

    private static void check(boolean holds, Owed message, String promise) {
        if (!holds) {
            throw new AssertionError("not true of " + message.sample + ": " + promise);
        }
    }
}
