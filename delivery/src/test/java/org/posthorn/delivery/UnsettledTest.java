package org.posthorn.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.posthorn.queue.Job;
import org.posthorn.queue.Settlement;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

class UnsettledTest {
    private static final Job JOB =
            new MemoryQueue().offer(Mail.to("leo@example.org"), Mail.content(""), Instant.EPOCH);
    private static final Decision DECISION =
            new Decision(
                    new Settlement(List.of(), Optional.empty(), Optional.empty()),
                    List.of(),
                    List.of());

    private final List<Duration> pauses = new ArrayList<>();
    private final Unsettled unsettled = new Unsettled(pauses::add);

    @Test
    void knowsWhatWasDecidedUntilItIsSettled() throws Exception {
        assertThat(unsettled.find(JOB)).isEmpty();

        unsettled.keep(JOB, DECISION);
        assertThat(unsettled.find(JOB)).contains(DECISION);

        unsettled.settled(JOB);
        unsettled.failed(JOB);
        assertThat(unsettled.find(JOB)).isEmpty();
    }

    @Test
    void asksAFailingStoreLessAndLessOften() throws Exception {
        unsettled.keep(JOB, DECISION);
        for (int i = 0; i < 9; i++) {
            unsettled.failed(JOB);
            unsettled.find(JOB);
        }

        assertThat(pauses.stream().map(Duration::toSeconds))
                .containsExactly(2L, 4L, 8L, 16L, 32L, 64L, 64L, 64L);
        assertThat(unsettled.failures()).isEqualTo(1);
    }
}
