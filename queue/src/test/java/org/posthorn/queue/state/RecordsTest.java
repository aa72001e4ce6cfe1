package org.posthorn.queue.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Assume;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

import org.posthorn.api.delivery.Outcome;
import org.posthorn.api.mail.Domain;
import org.posthorn.api.mail.Envelope;
import org.posthorn.api.mail.Mailbox;
import org.posthorn.api.mail.MessageId;
import org.posthorn.api.mail.Parameters;
import org.posthorn.api.mail.Recipient;
import org.posthorn.api.mail.ReversePath;
import org.posthorn.api.smtp.Reply;

import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// Records come back as they were written, and whatever else is read is a clear error.
class RecordsTest {
    @Provide
    Arbitrary<MessageKey> keys() {
        return Combinators.combine(
                        Arbitraries.integers().between(0, 0xffff),
                        Arbitraries.longs().between(0, (1L << 48) - 1),
                        Arbitraries.integers())
                .as(MessageKey::new);
    }

    private static Arbitrary<Instant> instants() {
        return Arbitraries.longs().between(0, 1L << 42).map(Instant::ofEpochMilli);
    }

    private static Arbitrary<Mailbox> mailboxes() {
        return Combinators.combine(
                        Arbitraries.of("leo", "a b", "ü", "\"quoted\"", "x.y+z"),
                        Arbitraries.of(
                                "example.org",
                                "[192.0.2.1]",
                                "[IPv6:2001:db8::1]",
                                "bücher.example"))
                .as((local, domain) -> new Mailbox(local, Domain.parse(domain)));
    }

    private static Arbitrary<Parameters> parameters() {
        return Arbitraries.maps(
                        Arbitraries.of("BODY", "ENVID", "NOTIFY"),
                        Arbitraries.strings().ofMaxLength(10))
                .map(Parameters::new);
    }

    private static Arbitrary<Outcome> outcomes() {
        return Arbitraries.of(
                new Outcome.Delivered(Reply.of(250, "2.0.0", "ok")),
                new Outcome.Deferred(
                        new Reply(451, Optional.empty(), List.of("later", "much later"))),
                new Outcome.Failed(Reply.of(550, "5.1.1", "grüße")));
    }

    @Provide
    Arbitrary<MessageRecord> messages() {
        Arbitrary<Envelope> envelopes =
                Combinators.combine(
                                mailboxes().optional(),
                                parameters(),
                                Combinators.combine(mailboxes(), parameters())
                                        .as(Recipient::new)
                                        .list()
                                        .ofMinSize(1)
                                        .ofMaxSize(5))
                        .as(
                                (sender, parameters, recipients) ->
                                        new Envelope(
                                                sender.map(ReversePath::of)
                                                        .orElse(ReversePath.NULL),
                                                parameters,
                                                recipients));
        Arbitrary<ContentRef> contents =
                Combinators.combine(
                                keys(),
                                Arbitraries.longs().greaterOrEqual(0),
                                Arbitraries.integers().between(0, 5))
                        .as((place, size, end) -> new ContentRef(place, size, 0, end));
        return Combinators.combine(
                        envelopes,
                        instants(),
                        Arbitraries.maps(
                                        Arbitraries.strings().ofMaxLength(5),
                                        Arbitraries.strings().ofMaxLength(20))
                                .ofMaxSize(4),
                        contents)
                .as(
                        (envelope, at, metadata, content) ->
                                new MessageRecord(envelope, at, metadata, content, 3));
    }

    @Provide
    Arbitrary<JobRecord> jobs() {
        Arbitrary<JobRecord.Waiting> waiting =
                Combinators.combine(Arbitraries.integers().greaterOrEqual(0), outcomes().optional())
                        .as(JobRecord.Waiting::new);
        return Combinators.combine(
                        mailboxes().map(Mailbox::domain),
                        instants(),
                        Arbitraries.integers().greaterOrEqual(0),
                        Arbitraries.strings().ofMaxLength(10).optional(),
                        waiting.list().ofMaxSize(5),
                        Arbitraries.integers().between(0, 1 << 20),
                        Arbitraries.integers().between(-9, 9),
                        notes().list().ofMaxSize(12))
                .as(
                        (destination, due, attempts, hold, left, marks, priority, notes) ->
                                new JobRecord(
                                        destination,
                                        due,
                                        attempts,
                                        hold,
                                        left,
                                        marks,
                                        priority,
                                        "source",
                                        new JobRecord.Orders(hold, hold.map(it -> "why " + it)),
                                        notes));
    }

    private static Arbitrary<Note> notes() {
        return Combinators.combine(
                        instants(),
                        Arbitraries.strings().ofMaxLength(400),
                        Arbitraries.strings().ofMaxLength(400))
                .as(Note::new);
    }

    /// UTF-8 has no way to write half of a surrogate pair.
    private static boolean wellFormed(Object record) {
        return record.toString().codePoints().noneMatch(it -> it >= 0xd800 && it <= 0xdfff);
    }

    @Property(edgeCases = EdgeCasesMode.NONE)
    void aMessageComesBack(@ForAll("messages") MessageRecord message) {
        Assume.that(wellFormed(message));
        assertThat(MessageRecord.of(message.octets())).isEqualTo(message);
    }

    @Property
    void aJobComesBack(@ForAll("jobs") JobRecord job) {
        Assume.that(wellFormed(job));
        assertThat(JobRecord.of(job.octets())).isEqualTo(job);
    }

    @Property
    void aKeyComesBackFromItsOctetsAndItsId(@ForAll("keys") MessageKey key) {
        assertThat(MessageKey.of(key.octets())).isEqualTo(key);
        assertThat(MessageKey.of(key.id())).contains(key);
    }

    @Property
    void idsSortAsKeysDo(@ForAll("keys") MessageKey one, @ForAll("keys") MessageKey other) {
        assertThat(Integer.signum(one.id().text().compareTo(other.id().text())))
                .isEqualTo(Integer.signum(one.compareTo(other)));
    }

    @Property
    void anyIdIsAKeyOrNone(@ForAll("ids") String text) {
        MessageKey.of(new MessageId(text))
                .ifPresent(it -> assertThat(it.id().text()).isEqualTo(text));
    }

    @Provide
    Arbitrary<String> ids() {
        return Arbitraries.strings()
                .withChars("0123456789abcdefghjkmnpqrstvwxyzUuIi")
                .ofMinLength(19)
                .ofMaxLength(21);
    }

    @Property
    void garbageIsNeverAnythingButCorrupt(@ForAll byte[] octets) {
        onlyCorrupt(octets);
        byte[] versioned = octets.clone();
        if (versioned.length > 0) {
            versioned[0] = Decoder.FIRST;
            onlyCorrupt(versioned);
            versioned[0] = 2;
            onlyCorrupt(versioned);
        }
    }

    @Property(edgeCases = EdgeCasesMode.NONE)
    void aDamagedRecordIsARecordOrCorrupt(
            @ForAll("messages") MessageRecord message,
            @ForAll("jobs") JobRecord job,
            @ForAll int place,
            @ForAll byte damage) {
        for (byte[] octets : List.of(message.octets(), job.octets())) {
            octets[Math.floorMod(place, octets.length)] ^= damage;
            onlyCorrupt(octets);
            onlyCorrupt(Arrays.copyOf(octets, Math.floorMod(place, octets.length)));
        }
    }

    private static void onlyCorrupt(byte[] octets) {
        for (Runnable read :
                List.<Runnable>of(
                        () -> MessageRecord.of(octets),
                        () -> JobRecord.of(octets),
                        () -> Tally.Stored.of(octets),
                        () -> RemovedMessage.of(octets),
                        () -> RemovedJob.of(octets),
                        () -> RemovedKey.of(octets),
                        () -> IndexKey.fading(octets),
                        () -> PartitionState.due(new byte[24], octets),
                        () -> PartitionState.parked(new byte[48], octets),
                        () -> IndexKey.due(octets),
                        () -> IndexKey.group(octets),
                        () -> IndexKey.parkedDue(octets),
                        () -> JobKey.of(octets),
                        () -> MessageKey.of(octets))) {
            try {
                read.run();
            } catch (CorruptRecordException e) {
                assertThat(e).hasMessageNotContaining("null");
            }
        }
    }

    @Example
    void aJobOfTheFirstFormatHasNoMarksAndNormalPriority() {
        byte[] octets =
                new Encoder(64)
                        .text("example.net")
                        .instant(Instant.ofEpochMilli(7))
                        .number(3)
                        .optional(Optional.of("why"), Encoder::text)
                        .list(List.of(5), (to, it) -> to.number(it).octet(0))
                        .done();
        assertThat(JobRecord.of(octets))
                .isEqualTo(
                        new JobRecord(
                                Domain.parse("example.net"),
                                Instant.ofEpochMilli(7),
                                3,
                                Optional.of("why"),
                                List.of(new JobRecord.Waiting(5, Optional.empty())),
                                0,
                                0,
                                "",
                                JobRecord.Orders.NONE,
                                List.of()));
    }

    @Property
    void indexesTellWhatAJobIs(@ForAll("jobs") JobRecord job, @ForAll("keys") MessageKey message) {
        Instant due = Instant.ofEpochMilli(1L << 40);
        JobKey key = new JobKey(message, 3);
        var entry = PartitionState.Waiting.of(key, job.dueAt(due));
        for (String group : List.of(entry.lanes(), entry.share())) {
            Edit.Put parked = (Edit.Put) PartitionState.park(group, entry);
            assertThat(PartitionState.parked(parked.key(), parked.value())).isEqualTo(entry);
            assertThat(IndexKey.group(parked.key())).isEqualTo(group);
        }
        assertThat(entry.turn()).isEqualTo(job.dueAt(due).turn());
        JobRecord scheduled = job.held(Optional.empty()).dueAt(due);
        var moved = new StateBatch.Change.Moved(key, scheduled, Optional.of(scheduled), true);
        assertThat(PartitionState.apply(StateBatch.of(List.of(moved))).edits())
                .filteredOn(edit -> edit instanceof Edit.Put && edit.table() == Table.DUE)
                .singleElement()
                .satisfies(
                        edit -> {
                            Edit.Put put = (Edit.Put) edit;
                            assertThat(PartitionState.due(put.key(), put.value())).isEqualTo(entry);
                        });
    }

    @Example
    void aRecordOfALaterVersionSaysSo() {
        assertThatThrownBy(() -> JobRecord.of(new byte[] {9, 0}))
                .isInstanceOf(CorruptRecordException.class)
                .hasMessageContaining("job record")
                .hasMessageContaining("format version 9");
    }

    @Example
    void aParkedKeyTellsItsGroup() {
        String group = IndexKey.group(Domain.parse("[IPv6:2001:db8::1]"));
        JobKey job = new JobKey(new MessageKey(3, 4, 5), 6);
        byte[] key = IndexKey.parked(group, Instant.ofEpochMilli(7), job);
        assertThat(IndexKey.group(key)).isEqualTo(group);
        assertThat(IndexKey.parkedDue(key))
                .isEqualTo(new IndexKey.Due(Instant.ofEpochMilli(7), job));
        assertThatCode(() -> IndexKey.behind(IndexKey.parked(group))).doesNotThrowAnyException();
    }
}
