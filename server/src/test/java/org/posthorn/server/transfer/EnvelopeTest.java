package org.posthorn.server.transfer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import static java.nio.charset.StandardCharsets.UTF_8;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

import org.posthorn.api.delivery.Outcome;
import org.posthorn.api.mail.Envelope;
import org.posthorn.api.mail.Mailbox;
import org.posthorn.api.mail.MessageId;
import org.posthorn.api.mail.Parameters;
import org.posthorn.api.mail.Recipient;
import org.posthorn.api.mail.ReversePath;
import org.posthorn.api.smtp.Reply;
import org.posthorn.queue.Destination;
import org.posthorn.queue.Mark;
import org.posthorn.queue.PortableMessage;
import org.posthorn.queue.PortableMessage.PortableJob;
import org.posthorn.queue.PortableMessage.Waiting;
import org.posthorn.queue.QueuedMessage.HistoryEntry;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// What is written of a message is read again, and what nobody can have written is refused by name.
class EnvelopeTest {
    private static final String SOUND =
            """
            {
              "format" : 1,
              "id" : "0040000000000v4k2c8g",
              "sender" : "mona@example.org",
              "recipients" : [ { "address" : "leo@example.net" } ],
              "accepted" : "2026-01-01T12:00:00Z",
              "jobs" : [ {
                "number" : 0, "destination" : "example.net", "due" : "2026-01-01T12:00:00Z",
                "attempts" : 1, "marks" : [ "released" ], "history" : [ ],
                "waiting" : [ { "recipient" : 0, "last" :
                  { "outcome" : "deferred", "code" : 451, "status" : "4.3.0", "lines" : [ "later" ] } } ]
              } ]
            }
            """;

    @Provide
    Arbitrary<PortableMessage> messages() {
        Arbitrary<String> text = Arbitraries.strings().ofMaxLength(20).filter(EnvelopeTest::isText);
        Arbitrary<String> local =
                Arbitraries.strings().withChars("aB.\"\\ é<>@").ofMinLength(1).ofMaxLength(10);
        Arbitrary<Parameters> parameters =
                Arbitraries.maps(
                                Arbitraries.of("BODY", "ENVID", "NOTIFY", "X-1"),
                                Arbitraries.strings().withCharRange('!', '~').ofMaxLength(9))
                        .ofMaxSize(3)
                        .map(it -> it.isEmpty() ? Parameters.NONE : new Parameters(it));
        Arbitrary<Instant> times =
                Arbitraries.longs().between(0, 253_402_300_799_999L).map(Instant::ofEpochMilli);
        Arbitrary<List<HistoryEntry>> history =
                Combinators.combine(times, text, text).as(HistoryEntry::new).list().ofMaxSize(3);
        Arbitrary<Recipient> recipients =
                Combinators.combine(local, Arbitraries.of("one.example", "[192.0.2.1]"), parameters)
                        .as(
                                (name, domain, its) ->
                                        new Recipient(
                                                new Mailbox(
                                                        name,
                                                        Mailbox.parse("a@" + domain).domain()),
                                                its));
        return Combinators.combine(
                        recipients.list().ofMinSize(1).ofMaxSize(4),
                        parameters,
                        times,
                        Arbitraries.maps(text, text).ofMaxSize(3),
                        history,
                        text.optional(),
                        Arbitraries.of(Mark.class).set(),
                        Arbitraries.integers().between(0, 9))
                .as(EnvelopeTest::message);
    }

    private static boolean isText(String text) {
        return UTF_8.newEncoder().canEncode(text);
    }

    private static PortableMessage message(
            List<Recipient> recipients,
            Parameters parameters,
            Instant time,
            Map<String, String> metadata,
            List<HistoryEntry> history,
            Optional<String> hold,
            Set<Mark> marks,
            int attempts) {
        ReversePath sender =
                attempts == 0 ? ReversePath.NULL : ReversePath.of(recipients.getFirst().mailbox());
        List<PortableJob> jobs = new ArrayList<>();
        for (int i = 0; i < recipients.size(); i++) {
            Optional<Outcome> last =
                    i == 0
                            ? Optional.empty()
                            : Optional.of(
                                    new Outcome.Deferred(Reply.of(451, "4.3." + i, "laté\t" + i)));
            jobs.add(
                    new PortableJob(
                            i * 2,
                            new Destination(recipients.get(i).mailbox().domain()),
                            time.minusMillis(time.toEpochMilli() / 2),
                            attempts,
                            hold,
                            List.of(new Waiting(i, last)),
                            marks,
                            i == 1 ? Optional.of("mx") : Optional.empty(),
                            i == 2 ? Optional.of("no more") : Optional.empty(),
                            history));
        }
        return new PortableMessage(
                new MessageId("0040000000000v4k2c8g"),
                new Envelope(sender, parameters, recipients),
                time,
                metadata,
                jobs);
    }

    @Property(tries = 300)
    void whatIsWrittenIsReadAgain(@ForAll("messages") PortableMessage message) {
        EnvelopeReader.Read read = EnvelopeReader.read(EnvelopeWriter.write(message, 7));
        assertThat(read.message()).isEqualTo(message);
        assertThat(read.size()).hasValue(7);
    }

    private static void refused(String from, String to, String why) {
        assertThat(SOUND).contains(from);
        assertThatThrownBy(() -> EnvelopeReader.read(SOUND.replace(from, to).getBytes(UTF_8)))
                .as(to)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(why);
    }

    @Example
    void whatAnOperatorMayWriteIsRead() {
        EnvelopeReader.Read read = EnvelopeReader.read(SOUND.getBytes(UTF_8));
        assertThat(read.message().jobs().getFirst().marks()).containsExactly(Mark.RELEASED);
        assertThat(read.size()).isEmpty();
    }

    @Example
    void eachFieldThatIsWrongIsNamed() {
        refused(
                "\"format\" : 1",
                "\"format\" : 2",
                "format: expected a number from 1 to 1, not '2'");
        refused("  \"sender\" : \"mona@example.org\",\n", "", "sender: is missing: expected text");
        refused("mona@", "mona", "sender: 'monaexample.org': a mailbox is local-part@domain");
        refused(
                "\"0040000000000v4k2c8g\"",
                "\"../../x\"",
                "id: '../../x': a message id has 8 to 32 letters and digits");
        refused(
                "\"2026-01-01T12:00:00Z\",\n  \"jobs",
                "\"noon\",\n  \"jobs",
                "accepted: expected a time such as 2026-01-01T12:00:00Z, not 'noon'");
        refused(
                "\"attempts\" : 1",
                "\"attempts\" : -1",
                "jobs[0].attempts: expected a number from 0 to 2147483647, not '-1'");
        refused(
                "\"attempts\" : 1",
                "\"attempts\" : true",
                "jobs[0].attempts: expected a number from 0 to 2147483647, not 'true'");
        refused(
                "\"released\"",
                "\"lost\"",
                "jobs[0].marks: 'lost' is none of [released, delay-told, deadline-told]");
        refused(
                "\"recipient\" : 0",
                "\"recipient\" : 1",
                "job 0 to example.net: no recipient 1 there");
        refused(
                "\"destination\" : \"example.net\"",
                "\"destination\" : \"example.com\"",
                "job 0 to example.com: no recipient 0 there");
        refused(
                "\"code\" : 451",
                "\"code\" : 551",
                "jobs[0].waiting[0].last.lines: status 4.3.0 does not go with code 551");
        refused(
                "\"deferred\"",
                "\"lost\"",
                "jobs[0].waiting[0].last.outcome: expected delivered, deferred or failed, not 'lost'");
        refused(
                "\"history\" : [ ]",
                "\"history\" : [ ], \"bounce\" : \"a\\nb\"",
                "jobs[0].bounce: expected at most 200 characters, no control characters");
        refused(
                "\"history\" : [ ]",
                "\"history\" : [ ], \"prio\" : 1, \"x\" : 1",
                "jobs[0].prio, jobs[0].x: no such field");
        refused(
                "\"address\" : \"leo@example.net\"",
                "\"address\" : \"leo@example.net\", \"parameters\" : { \"NOTIFY\" : \"a\\r\\nDATA\" }",
                "recipients[0].parameters.NOTIFY: expected a keyword and a value without blanks as in SMTP, not 'a\\u000d\\u000aDATA'");
        refused(
                "[ { \"address\" : \"leo@example.net\" } ]",
                "7",
                "recipients: expected a list in brackets, not '7'");
        refused(
                "{ \"address\" : \"leo@example.net\" }",
                "7",
                "recipients[0]: expected an object in braces, not '7'");
    }

    @Example
    void whatIsNoJsonIsShownByLineAndColumn() {
        refused(
                "\"id\" :",
                "\"id\"",
                "line 3, column 8: Unexpected character ('\"' (code 34)): was expecting a colon to separate property name and value");
        refused(
                "\"id\" :",
                "\"format\" :",
                "line 3, column 11: Duplicate Object property \"format\"");
        refused(
                "\"attempts\" : 1",
                "\"attempts\" : null",
                "line 9, column 18: expected an object, a list, text or a whole number");
        assertThatThrownBy(() -> EnvelopeReader.read(new byte[0]))
                .hasMessageStartingWith("line 1, ");
        assertThatThrownBy(() -> EnvelopeReader.read("[".repeat(100).getBytes(UTF_8)))
                .hasMessageContaining("nesting depth");
        assertThatThrownBy(() -> EnvelopeReader.read((SOUND + "{}").getBytes(UTF_8)))
                .hasMessageContaining("expected the end");
        assertThatThrownBy(() -> EnvelopeReader.read("7".getBytes(UTF_8)))
                .hasMessage("the file: expected an object in braces, not '7'");
    }

    @Property(tries = 300)
    void anyOctetsEndWithAMessageOrARefusal(@ForAll byte damage, @ForAll int place) {
        byte[] octets = SOUND.getBytes(UTF_8);
        octets[Math.floorMod(place, octets.length)] = damage;
        try {
            assertThat(EnvelopeReader.read(octets).message().jobs()).isNotEmpty();
        } catch (IllegalArgumentException e) {
            assertThat(e.getMessage()).isNotBlank();
        }
    }
}
