package org.posthorn.api.intake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.posthorn.api.mail.Envelope;
import org.posthorn.api.mail.Mailbox;
import org.posthorn.api.mail.Parameters;
import org.posthorn.api.mail.Recipient;
import org.posthorn.api.mail.ReversePath;

import java.nio.ByteBuffer;

class SubmissionTest {
    private static final Envelope NOBODY = Envelope.from(ReversePath.NULL, Parameters.NONE);

    @Test
    void aMessageIsForSomebody() {
        assertThatThrownBy(() -> Submission.of(NOBODY, ByteBuffer.allocate(0)))
                .hasMessageContaining("at least one recipient");
    }

    @Test
    void whoReadsTheHeaderDoesNotMoveItForOthers() {
        Submission submission =
                Submission.of(
                        NOBODY.to(Recipient.of(Mailbox.parse("leo@example.org"))),
                        ByteBuffer.wrap(new byte[] {1, 2}));
        submission.header().get();
        assertThat(submission.header().remaining()).isEqualTo(2);
        assertThat(submission.header().isReadOnly()).isTrue();
    }

    @Test
    void aFullStoreIs452AndAnyOtherFaultIs451() {
        assertThat(new QueueUnavailableException(true, "disk").reply())
                .hasToString("452 4.3.1 Insufficient system storage, try again later");
        assertThat(new QueueUnavailableException(false, "disk").reply().code()).isEqualTo(451);
    }
}
