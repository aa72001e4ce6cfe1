package org.posthorn.queue;

import java.time.Instant;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/// What a process that noted all it did ([LoadedQueue]) was promised: what may, must and must not
/// be in the queue after a crash at this point.
///
/// A thing that was asked for and not acknowledged may have happened or not. What is acknowledged
/// has happened. A job that is handed out again shows what became of its settlement before.
final class Promises {
    private final Map<String, Message> messages = new LinkedHashMap<>();
    private final Map<String, Settling> settlings = new HashMap<>();

    /// A message that was submitted, or that a settlement makes.
    static final class Message {
        final Sample sample;
        final Map<String, Task> tasks = new LinkedHashMap<>();
        boolean acknowledged;
        boolean refused;
        boolean deleting;
        boolean deleted;
        Set<Boolean> held;
        private int meddling;

        Message(Sample sample) {
            this.sample = sample;
            this.held = Set.of(sample.held());
            sample.envelope()
                    .recipients()
                    .forEach(
                            it ->
                                    tasks.computeIfAbsent(
                                                    it.mailbox().domain().toString(),
                                                    _ -> new Task())
                                            .waiting
                                            .add(it.mailbox().toString()));
        }

        boolean mustBeThere() {
            return acknowledged && !deleting && !mayBeDone();
        }

        boolean mustBeGone() {
            return refused || deleted || tasks.values().stream().allMatch(Task::isDone);
        }

        /// Tells whether nothing can be told from its absence.
        boolean mayBeGone() {
            return deleting || mayBeDone() || !acknowledged;
        }

        private boolean mayBeDone() {
            return tasks.values().stream().allMatch(Task::mayBeDone);
        }
    }

    /// A job: which recipients wait, as far as it is known.
    static final class Task {
        Set<String> waiting = new HashSet<>();
        Optional<Settling> asked = Optional.empty();
        Optional<Instant> due = Optional.empty();
        int settled;
        int attempted;

        boolean isDone() {
            return waiting.isEmpty();
        }

        boolean mayBeDone() {
            return isDone() || asked.filter(it -> it.after.isEmpty()).isPresent();
        }

        /// Tells whether these recipients may be the ones that wait.
        boolean mayBe(Set<String> found) {
            return found.equals(waiting) || asked.filter(it -> found.equals(it.after)).isPresent();
        }
    }

    /// A settlement that was asked for.
    ///
    /// @param message whose
    /// @param destination which job's
    /// @param before who waited
    /// @param after who waits then
    /// @param due when again
    /// @param bounce what it makes
    record Settling(
            String message,
            String destination,
            Set<String> before,
            Set<String> after,
            Instant due,
            Optional<Message> bounce) {}

    Optional<Message> find(String token) {
        return Optional.ofNullable(messages.get(token));
    }

    Collection<Message> messages() {
        return Collections.unmodifiableCollection(messages.values());
    }

    long acknowledged() {
        return messages.values().stream().filter(it -> it.acknowledged).count();
    }

    /// Takes a note.
    void note(String line) {
        String[] words = line.strip().split(" ", -1);
        switch (words[0]) {
            case "a" -> add(Sample.of(words[1]));
            case "A" -> message(words[1]).acknowledged = true;
            case "s" -> settling(words);
            case "S" -> settled(Objects.requireNonNull(settlings.get(words[1])), words[2]);
            case "d" -> message(words[1]).deleting = true;
            case "D" -> message(words[1]).deleted = true;
            case "h" -> hold(message(words[1]), true);
            case "r" -> hold(message(words[1]), false);
            case "H" -> held(message(words[1]), true);
            case "R" -> held(message(words[1]), false);
            case "t" -> meddle(message(words[1]));
            case "T" -> message(words[1]).meddling--;
            default -> throw new IllegalArgumentException(line);
        }
    }

    private Message message(String token) {
        return Objects.requireNonNull(messages.get(token), token);
    }

    private Message add(Sample sample) {
        Message message = new Message(sample);
        messages.put(sample.token(), message);
        return message;
    }

    private static void hold(Message message, boolean held) {
        meddle(message);
        Set<Boolean> may = new HashSet<>(message.held);
        may.add(held);
        message.held = may;
    }

    private static void held(Message message, boolean held) {
        message.meddling--;
        message.held = Set.of(held);
    }

    /// An operator changes due times.
    private static void meddle(Message message) {
        message.meddling++;
        message.tasks.values().forEach(it -> it.due = Optional.empty());
    }

    private void settling(String[] words) {
        Message message = message(words[2]);
        // What is handed out is durable, whether or not its sender was told already.
        message.acknowledged = true;
        Task task = Objects.requireNonNull(message.tasks.get(words[3]));
        List<String> handedOut = List.of(words[4].split(",", -1));
        Set<String> after = new HashSet<>();
        for (int i = 0; i < handedOut.size(); i++) {
            if (words[5].charAt(i) == 'L') {
                after.add(handedOut.get(i));
            }
        }
        Optional<Message> bounce =
                words[7].equals("-") ? Optional.empty() : Optional.of(add(Sample.of(words[7])));
        Set<String> before = new HashSet<>(handedOut);
        task.asked.ifPresent(it -> resolve(it, before));
        task.waiting = before;
        Settling settling =
                new Settling(
                        words[2],
                        words[3],
                        before,
                        after,
                        Instant.ofEpochMilli(Long.parseLong(words[6])),
                        bounce);
        task.asked = Optional.of(settling);
        task.attempted++;
        task.due = Optional.empty();
        settlings.put(words[1], settling);
    }

    /// A job was handed out again: that shows whether the settlement before it was written.
    private static void resolve(Settling settling, Set<String> now) {
        if (!settling.before.equals(settling.after)) {
            boolean happened = now.equals(settling.after);
            settling.bounce.ifPresent(it -> tell(it, happened));
        }
    }

    private static void tell(Message bounce, boolean happened) {
        bounce.acknowledged |= happened;
        bounce.refused |= !happened;
    }

    private void settled(Settling settling, String reports) {
        Message message = message(settling.message);
        Task task = Objects.requireNonNull(message.tasks.get(settling.destination));
        settling.bounce.ifPresent(it -> tell(it, !reports.equals("0")));
        task.settled++;
        if (task.asked.filter(it -> it == settling).isPresent()) {
            task.waiting = settling.after;
            task.asked = Optional.empty();
            task.due =
                    message.meddling == 0 && !settling.after.isEmpty()
                            ? Optional.of(settling.due)
                            : Optional.empty();
        }
    }
}
