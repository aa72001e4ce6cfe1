package org.posthorn.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.posthorn.api.mail.Content;
import org.posthorn.api.mail.MessageId;
import org.posthorn.queue.PortableMessage.PortableJob;
import org.posthorn.queue.QueuedMessage.HistoryEntry;
import org.posthorn.queue.rocks.RocksLog;
import org.posthorn.queue.state.MessageKey;
import org.posthorn.queue.state.Table;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;

/// Messages go from the store of a stopped queue to another queue.
final class ImportsTest {
    private static final Operation.By BY = new Operation.By("mona", "a move");

    @TempDir private Path directory;
    private final MovableClock clock = new MovableClock();

    private LogQueue open(String name) throws IOException {
        return new LogQueue(
                RocksLog.open(directory.resolve(name), 4, 0, new SplittableRandom(name.hashCode())),
                RocksQueueTest.LIMITS,
                clock,
                new SplittableRandom(6),
                1 << 20,
                new Removals.Policy(Duration.ofHours(1), 1 << 20));
    }

    private record Exported(PortableMessage message, byte[] octets) implements Content {
        @Override
        public long size() {
            return octets.length;
        }

        @Override
        public InputStream open() {
            return new ByteArrayInputStream(octets);
        }

        Exported cut(int size) {
            return new Exported(message, java.util.Arrays.copyOf(octets, size));
        }
    }

    /// Returns all that is in a store.
    private Map<MessageId, Exported> exported(String name) throws IOException {
        Map<MessageId, Exported> all = new LinkedHashMap<>();
        try (StoredMail mail = StoredMail.open(directory.resolve(name), clock)) {
            mail.each(
                    Optional.empty(),
                    _ -> _ -> true,
                    new StoredMail.Taker() {
                        @Override
                        public void take(PortableMessage message, Content content)
                                throws IOException {
                            try (InputStream in = content.open()) {
                                all.put(message.id(), new Exported(message, in.readAllBytes()));
                            }
                        }

                        @Override
                        public void unreadable(String what) {
                            throw new AssertionError(what);
                        }
                    });
            assertThat(mail.messages()).isEqualTo(all.size());
        }
        return all;
    }

    /// Fills a queue with mail in all states.
    private void fill() throws Exception {
        try (LogQueue queue = open("old")) {
            Mail.commit(queue, "a@one.example", "b@one.example", "c@two.example");
            MessageId held = Mail.commit(queue, "held@one.example");
            Sample large = new Sample("large", 1_000_000, false, "large@three.example");
            commit(queue, large);
            new Operator(queue).hold(held, "looks odd");
            for (int attempt = 0; attempt < 3; attempt++) {
                Job job = queue.poll().orElseThrow();
                Settlement later = Mail.deferred(job, clock.instant().plusSeconds(60)).of("mx");
                queue.settle(job, later).toCompletableFuture().join();
            }
            new Operator(queue).operate(held, new Operation.Redirect("smtp://relay.example:25"));
        }
    }

    private static void commit(LogQueue queue, Sample sample) throws Exception {
        try (var draft = queue.begin(sample.size())) {
            ByteBuffer body = ByteBuffer.wrap(sample.body());
            draft.write(body).toCompletableFuture().join();
            draft.commit(sample.submission()).toCompletableFuture().join();
        }
    }

    private static PortableMessage withoutLastNotes(PortableMessage it) {
        List<PortableJob> jobs = new ArrayList<>();
        for (PortableJob job : it.jobs()) {
            List<HistoryEntry> history = job.history();
            assertThat(history.getLast().text()).isEqualTo("imported (a move)");
            jobs.add(
                    new PortableJob(
                            job.number(),
                            job.destination(),
                            job.due(),
                            job.attempts(),
                            job.hold(),
                            job.waiting(),
                            job.marks(),
                            job.route(),
                            job.bounce(),
                            history.subList(0, history.size() - 1)));
        }
        return new PortableMessage(it.id(), it.envelope(), it.acceptedAt(), it.metadata(), jobs);
    }

    @Test
    void whatIsTakenToAnotherQueueIsAsItWas() throws Exception {
        fill();
        Map<MessageId, Exported> old = exported("old");
        assertThat(old).hasSize(3);
        try (LogQueue queue = open("new")) {
            for (Exported it : old.values()) {
                assertThat(queue.bringIn(it.message(), it, false, BY)).contains(it.message().id());
            }
            assertThat(queue.counts()).isEqualTo(new Queue.Counts(3, 4, 0, 1, 0));
            assertThat(queue.poll()).isEmpty();
        }
        assertThat(StoppedQueue.verify(directory.resolve("new")).findings()).isEmpty();
        Map<MessageId, Exported> moved = exported("new");
        assertThat(moved.keySet()).isEqualTo(old.keySet());
        moved.forEach(
                (id, it) -> {
                    assertThat(withoutLastNotes(it.message())).isEqualTo(old.get(id).message());
                    assertThat(it.octets()).isEqualTo(old.get(id).octets());
                });
    }

    @Test
    void whatIsDueIsDeliveredFromTheQueueThatItWasTakenTo() throws Exception {
        fill();
        clock.advance(Duration.ofHours(1));
        try (LogQueue queue = open("new")) {
            for (Exported it : exported("old").values()) {
                queue.bringIn(it.message(), it, false, BY);
            }
            int jobs = 0;
            for (var job = queue.poll(); job.isPresent(); job = queue.poll()) {
                assertThat(job.get().attempts()).isEqualTo(1);
                assertThat(Mail.text(job.get().content())).isNotEmpty();
                queue.settle(job.get(), Mail.delivered(job.get())).toCompletableFuture().join();
                jobs++;
            }
            assertThat(jobs).isEqualTo(3);
            assertThat(queue.counts()).isEqualTo(new Queue.Counts(1, 1, 0, 1, 0));
        }
    }

    @Test
    void whatIsThereAlreadyIsNotTakenTwiceUnlessItGetsAnotherId() throws Exception {
        fill();
        Exported one = exported("old").values().iterator().next();
        try (LogQueue queue = open("old")) {
            assertThat(queue.bringIn(one.message(), one, false, BY)).isEmpty();
            Optional<MessageId> other = queue.bringIn(one.message(), one, true, BY);
            assertThat(other).isPresent().isNotEqualTo(Optional.of(one.message().id()));
            assertThat(queue.find(other.orElseThrow()).orElseThrow().jobs().getFirst().history())
                    .last()
                    .extracting(HistoryEntry::text)
                    .isEqualTo("imported as " + one.message().id() + " (a move)");
            new Operator(queue).delete(one.message().id());
            assertThat(queue.bringIn(one.message(), one, false, BY))
                    .as("it can still be brought back")
                    .isEmpty();
        }
    }

    @Test
    void anIdThatCanBeNoneHereIsReplaced() throws Exception {
        fill();
        Exported one = exported("old").values().iterator().next();
        PortableMessage it = one.message();
        for (MessageKey foreign :
                List.of(new MessageKey(200, 5, 5), new MessageKey(1, (1L << 48) - 1, 5))) {
            try (LogQueue queue = open("new")) {
                PortableMessage elsewhere =
                        new PortableMessage(
                                foreign.id(),
                                it.envelope(),
                                it.acceptedAt(),
                                it.metadata(),
                                it.jobs());
                assertThat(queue.bringIn(elsewhere, one, false, BY).orElseThrow())
                        .isNotEqualTo(foreign.id());
            }
        }
        assertThat(StoppedQueue.verify(directory.resolve("new")).findings()).isEmpty();
    }

    @Test
    void ofContentThatIsNotWholeNothingIsLeft() throws Exception {
        fill();
        try (LogQueue queue = open("new")) {
            for (Exported it : exported("old").values()) {
                Content cut =
                        new Content() {
                            @Override
                            public long size() {
                                return it.size();
                            }

                            @Override
                            public InputStream open() {
                                return it.cut((int) it.size() - 1).open();
                            }
                        };
                assertThatThrownBy(() -> queue.bringIn(it.message(), cut, false, BY))
                        .isInstanceOf(IOException.class)
                        .hasMessage("its content ends 1 octets too early");
            }
        }
        try (RocksLog log =
                RocksLog.open(directory.resolve("new"), 4, 0, new SplittableRandom(1))) {
            assertThat(Invariants.leftovers(log.view())).isEmpty();
            assertThat(log.view().get(Table.DRAFT, new byte[0])).isEmpty();
        }
    }

    @Test
    void jobsThatDoNotFitTheirEnvelopeAreRefused() throws Exception {
        fill();
        PortableMessage it = exported("old").values().iterator().next().message();
        PortableJob job = it.jobs().getFirst();
        assertThatThrownBy(
                        () ->
                                new PortableMessage(
                                        it.id(),
                                        it.envelope(),
                                        it.acceptedAt(),
                                        it.metadata(),
                                        List.of(job, job)))
                .hasMessageContaining("another job has this number");
    }
}
