package org.posthorn.smtp.server;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.posthorn.api.mail.Envelope;
import org.posthorn.api.mail.Mailbox;
import org.posthorn.api.mail.Parameters;
import org.posthorn.api.mail.Recipient;
import org.posthorn.api.mail.ReversePath;

class OpenTransactionTest {
    private static final Recipient LEO = Recipient.of(Mailbox.parse("leo@example.org"));
    private static final Recipient LEA = Recipient.of(Mailbox.parse("lea@example.org"));
    private final OpenTransaction begun =
            OpenTransaction.begin(Envelope.from(ReversePath.NULL, Parameters.NONE), 0, false);

    @Test
    void whoeverIsNamedTwiceGetsTheMessageOnce() {
        OpenTransaction transaction = begun.to(LEO).to(LEA).to(LEO);
        assertThat(transaction.accepted()).isEqualTo(3);
        assertThat(transaction.finalEnvelope().recipients()).containsExactly(LEO, LEA);
    }

    @Test
    void onlyOneRecipientIsOneThatMayStandInReceived() {
        assertThat(begun.to(LEO).only()).contains(LEO.mailbox());
        assertThat(begun.to(LEO).to(LEA).only()).isEmpty();
    }
}
