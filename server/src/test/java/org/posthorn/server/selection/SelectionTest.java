package org.posthorn.server.selection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.fail;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.StringLength;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.posthorn.api.delivery.Outcome;
import org.posthorn.api.mail.Domain;
import org.posthorn.api.mail.Envelope;
import org.posthorn.api.mail.Mailbox;
import org.posthorn.api.mail.MessageId;
import org.posthorn.api.mail.Parameters;
import org.posthorn.api.mail.Recipient;
import org.posthorn.api.mail.ReversePath;
import org.posthorn.api.smtp.Reply;
import org.posthorn.queue.Destination;
import org.posthorn.queue.QueuedMessage;
import org.posthorn.queue.QueuedMessage.QueuedJob;
import org.posthorn.queue.QueuedMessage.State;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

class SelectionTest {
    private static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");
    private static final String ID = "7Kx0000001";

    private final ReversePath sender = ReversePath.of(Mailbox.parse("mona@example.org"));

    private final Map<String, String> metadata =
            Map.of("tenant", "acme inc", "client", "192.0.2.1");
    private final QueuedJob job =
            new QueuedJob(
                    0,
                    new Destination(Domain.parse("mail.example.net")),
                    new State.Scheduled(),
                    NOW,
                    3,
                    List.of(
                            waiting("leo@mail.example.net", "451 4.7.1 Greylisted, come back"),
                            waiting("Lea@mail.example.net", "451 4.3.0 Later")),
                    Set.of(),
                    Optional.empty(),
                    "the last attempt was deferred: 451 4.3.0 Later",
                    Optional.of(NOW),
                    List.of());

    private static QueuedMessage.Waiting waiting(String address, String reply) {
        String[] parts = reply.split(" ", 3);
        return new QueuedMessage.Waiting(
                Recipient.of(Mailbox.parse(address)),
                Optional.of(
                        new Outcome.Deferred(
                                Reply.of(Integer.parseInt(parts[0]), parts[1], parts[2]))));
    }

    private boolean selects(String selection) {
        return selects(selection, sender, job);
    }

    private boolean selects(String selection, ReversePath from, QueuedJob it) {
        QueuedMessage message =
                new QueuedMessage(
                        new MessageId(ID),
                        Envelope.from(from, Parameters.NONE),
                        10_240,
                        NOW.minus(Duration.ofHours(36)),
                        metadata,
                        List.of(it));
        return Selection.parse(selection)
                .of(message, NOW, (_, _) -> "smtp://127.0.0.1:25")
                .test(it);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "*",
                ID,
                "sender=mona@example.org",
                "sender=<mona@example.org>",
                "sender=MONA@*",
                "sender!=lisa@example.org",
                "recipient=le?@*.net",
                "recipient=lea@mail.example.net",
                "domain=*.example.net",
                "domain=mail.example.net",
                "age>1d",
                "age>=36h",
                "age<2d",
                "age<=129600s",
                "size>10000",
                "size=10KiB",
                "size>=10kB",
                "size!=1",
                "size<1MiB",
                "attempts>2",
                "attempts=3",
                "state=scheduled",
                "state!=held",
                "reason=*greylisted*",
                "reason=\"*was deferred: 451*\"",
                "reason!=*greylist",
                "route=smtp://*",
                "route!=mx",
                "metadata.client=192.0.2.*",
                "metadata.absent!=*",
                "tenant=\"acme inc\"",
                "metadata.tenant=acme*",
                " domain=*.net \t age>1d\n" + ID,
            })
    void selectsAJobForWhichAllTermsHold(String selection) {
        assertThat(selects(selection)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "7Kx0000002",
                "sender=mona",
                "sender=<>",
                "sender!=mona@*",
                "recipient=max@*",
                "recipient!=leo@*",
                "domain=example.net",
                "age>36h",
                "age<1d",
                "size>10KiB",
                "attempts<3",
                "state=held",
                "reason=later",
                "reason!=*later*",
                "route=mx",
                "metadata.absent=*",
                "tenant=acme",
                "domain=*.net age>2d",
                "* state=held",
            })
    void doesNotSelectAJobForWhichATermDoesNotHold(String selection) {
        assertThat(selects(selection)).isFalse();
    }

    @Test
    void knowsTheNullSender() {
        assertThat(selects("sender=<>", ReversePath.NULL, job)).isTrue();
        assertThat(selects("sender=\"\"", ReversePath.NULL, job)).isTrue();
        assertThat(selects("sender!=<>", ReversePath.NULL, job)).isFalse();
    }

    @Test
    void knowsWhyMailIsHeld() {
        QueuedJob held =
                new QueuedJob(
                        0,
                        job.destination(),
                        new State.Held("looks odd"),
                        NOW,
                        0,
                        List.of(),
                        Set.of(),
                        Optional.empty(),
                        "held: looks odd",
                        Optional.empty(),
                        List.of());
        assertThat(selects("state=held reason=\"looks odd\"", sender, held)).isTrue();
        assertThat(selects("reason=*even*", sender, held)).isFalse();
    }

    @Test
    void knowsTheMessageThatItNames() {
        assertThat(Selection.parse("domain=x " + ID).message()).contains(new MessageId(ID));
        assertThat(Selection.parse("domain=x").message()).isEmpty();
        assertThat(Selection.parse(" * ").isAll()).isTrue();
        assertThat(Selection.parse("* state=held").isAll()).isFalse();
        assertThat(Selection.parse(" domain=x")).hasToString(" domain=x");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "``                 | at character 1: nothing is selected: expected terms such as domain=example.org, or *",
                "state=held domian=x| at character 12: nothing is called 'domian': did you mean domain?",
                "=x                 | at character 1: nothing is called '': expected sender, recipient, domain,",
                "metadata.=x        | at character 1: nothing is called 'metadata.': expected sender, ",
                "held               | at character 1: 'held' is neither a message id nor a term: expected sender, ",
                "domain!x           | at character 7: domain: expected =, !=, <, <=, > or >=",
                "domain>x           | at character 7: domain: expected one of != = behind it",
                "age=2d             | at character 4: age: expected one of <= >= < > behind it",
                "age>2              | at character 5: age: '2' is not what was expected: a duration such as 30s, 5m, 4h or 2d",
                "size>2x            | at character 6: size: '2x' is not what was expected: a size such as 500, 64KiB or 10MB",
                "attempts>-1        | at character 10: attempts: '-1' is not what was expected: a whole number",
                "state=odd          | at character 7: state: 'odd' is not what was expected: scheduled, active, held, removed",
                "sender=            | at character 8: sender: expected a value; \"\" stands for an empty one",
                "sender=\"a b        | at character 8: sender: expected a second quote behind the value",
                "sender=\"a\"b       | at character 11: sender: expected a blank behind the quoted value",
                "sender=a\"b         | at character 9: sender: expected the quotes around the whole value",
            })
    void saysWhatIsWrongAndWhere(String selection, String message) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Selection.parse(selection))
                .withMessageStartingWith(message);
    }

    @Test
    void isBounded() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Selection.parse("* ".repeat(51)))
                .withMessage("at character 1: a selection has at most 50 terms, not 51");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Selection.parse("x".repeat(2_001)))
                .withMessage("a selection has at most 2000 characters: 2001");
    }

    @Test
    void matchesLongTextsInBoundedTime() {
        Glob glob = new Glob("*a".repeat(200) + "b");
        assertThat(glob.matches("a".repeat(5_000))).isFalse();
    }

    @Property(tries = 500)
    void aValueInQuotesIsItselfWhateverItHas(@ForAll @StringLength(max = 50) String value) {
        Map<String, String> facts = Map.of("fact", value);
        String pattern = value.replaceAll("([*?\\\\])", "\\\\$1");
        String quoted = pattern.replace("\\", "\\\\").replace("\"", "\\\"");
        Selection selection = Selection.parse("metadata.fact=\"" + quoted + "\"");
        assertThat(selection.of(having(facts), NOW, (_, _) -> "mx").test(job)).isTrue();
        assertThat(selection.of(having(Map.of("fact", value + "!")), NOW, (_, _) -> "mx").test(job))
                .isFalse();
    }

    private QueuedMessage having(Map<String, String> facts) {
        return new QueuedMessage(
                new MessageId(ID),
                Envelope.from(sender, Parameters.NONE),
                1,
                NOW,
                facts,
                List.of(job));
    }

    @Property(tries = 1000)
    void anyTextIsReadOrRefusedWithAPlace(@ForAll @StringLength(max = 40) String text) {
        try {
            assertThat(Selection.parse(text)).hasToString(text);
        } catch (IllegalArgumentException e) {
            if (!String.valueOf(e.getMessage()).matches("(?s)at character \\d+: .+")) {
                fail("no place: " + e.getMessage());
            }
        }
    }
}
