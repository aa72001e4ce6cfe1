package org.posthorn.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.posthorn.api.intake.Draft;
import org.posthorn.api.intake.Submission;
import org.posthorn.api.mail.Envelope;
import org.posthorn.api.mail.Mailbox;
import org.posthorn.api.mail.Parameters;
import org.posthorn.api.mail.Recipient;
import org.posthorn.api.mail.ReversePath;
import org.posthorn.testkit.RecordingIntake;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;

class HoldingIntakeTest {
    private final RecordingIntake queue = new RecordingIntake();
    private final HoldingIntake intake =
            new HoldingIntake(
                    queue,
                    Schedules.routes(
                            new RouteConfig(List.of("held.test"), "hold"),
                            new RouteConfig(List.of("*"), "discard")));

    @Test
    void holdsWhatOnlyRoutesToHoldMatch() throws Exception {
        assertThat(holdOf(Optional.empty(), "leo@held.test", "lea@held.test"))
                .contains("route of held.test");
    }

    @Test
    void leavesToDeliveryWhatAlsoGoesElsewhere() throws Exception {
        assertThat(holdOf(Optional.empty(), "leo@held.test", "lea@elsewhere.test")).isEmpty();
        assertThat(holdOf(Optional.empty(), "lea@elsewhere.test")).isEmpty();
    }

    @Test
    void keepsTheReasonOfAPlugin() throws Exception {
        assertThat(holdOf(Optional.of("suspect"), "leo@held.test")).contains("suspect");
    }

    private Optional<String> holdOf(Optional<String> hold, String... recipients) throws Exception {
        Envelope envelope = Envelope.from(ReversePath.NULL, Parameters.NONE);
        for (String recipient : recipients) {
            envelope = envelope.to(Recipient.of(Mailbox.parse(recipient)));
        }
        try (Draft draft = intake.begin(0)) {
            draft.write(ByteBuffer.wrap(new byte[] {'x'}));
            draft.commit(new Submission(envelope, ByteBuffer.allocate(0), hold, Map.of()))
                    .toCompletableFuture()
                    .join();
        }
        return queue.last().submission().hold();
    }
}
