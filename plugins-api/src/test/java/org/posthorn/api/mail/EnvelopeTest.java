package org.posthorn.api.mail;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

import java.util.Map;

class EnvelopeTest {
    private static final ReversePath SENDER = ReversePath.of(Mailbox.parse("mona@example.org"));

    @Test
    void growsByMakingNewEnvelopes() {
        Envelope empty = Envelope.from(SENDER, Parameters.NONE);
        Envelope one = empty.to(Recipient.of(Mailbox.parse("leo@example.org")));
        assertThat(empty.hasRecipients()).isFalse();
        assertThat(one.recipients())
                .containsExactly(Recipient.of(Mailbox.parse("leo@example.org")));
    }

    @Test
    void needsSmtpUtf8WhenTheSenderAskedOrAnyLocalPartIsNotAscii() {
        Envelope ascii = Envelope.from(SENDER, Parameters.NONE);
        assertThat(ascii.needsSmtpUtf8()).isFalse();
        assertThat(Envelope.from(SENDER, Parameters.NONE.with("smtputf8", "")).needsSmtpUtf8())
                .isTrue();
        assertThat(ascii.to(Recipient.of(Mailbox.parse("jörg@example.org"))).needsSmtpUtf8())
                .isTrue();
    }

    @Test
    void parametersAreKnownByKeywordInAnyCase() {
        Parameters parameters = new Parameters(Map.of("body", "8bitmime"));
        assertThat(parameters.body()).isEqualTo(BodyType.EIGHT_BIT);
        assertThat(parameters.value("BODY")).contains("8bitmime");
        assertThat(Parameters.NONE.body()).isEqualTo(BodyType.SEVEN_BIT);
    }

    @Test
    void refusesABodyTypeThatDoesNotExist() {
        assertThatThrownBy(() -> BodyType.of("9BIT")).isInstanceOf(MailSyntaxException.class);
    }

    @Test
    void theNullPathHasNoMailbox() {
        assertThat(ReversePath.NULL.mailbox()).isEmpty();
        assertThat(ReversePath.NULL).hasToString("<>");
        assertThat(SENDER).hasToString("<mona@example.org>");
    }

    @Test
    void aMessageIdIsLettersAndDigits() {
        assertThat(new MessageId("0123456789abcdef")).hasToString("0123456789abcdef");
        assertThatThrownBy(() -> new MessageId("../../etc"))
                .isInstanceOf(MailSyntaxException.class);
    }
}
