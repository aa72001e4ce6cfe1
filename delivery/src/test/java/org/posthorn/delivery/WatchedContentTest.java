package org.posthorn.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.posthorn.api.mail.Content;
import org.posthorn.api.mail.DamagedContentException;
import org.posthorn.api.mail.Domain;
import org.posthorn.api.mail.MessageId;
import org.posthorn.api.smtp.Reply;
import org.posthorn.queue.Destination;
import org.posthorn.queue.Job;

import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

class WatchedContentTest {
    private static final Attempt DEFERRED = tried(Reply.of(451, "4.3.0", "Local error"));

    private final IOException[] fault = {new DamagedContentException("chunk 0 is gone")};
    private final WatchedContent content =
            new WatchedContent(
                    new Content() {
                        @Override
                        public long size() {
                            return 10;
                        }

                        @Override
                        public InputStream open() {
                            return new InputStream() {
                                @Override
                                public int read() throws IOException {
                                    throw fault[0];
                                }
                            };
                        }
                    });

    private static Attempt tried(Reply... replies) {
        return new Attempt.Tried(
                List.of(replies).stream().map(it -> Result.of(it, "none", "")).toList());
    }

    private Attempt judged(Attempt attempt) {
        Job job =
                new Job(
                        new MessageId("7Kx0000001"),
                        0,
                        new Destination(Domain.name("example.net")),
                        Mail.to("leo@example.net"),
                        content,
                        Map.of(),
                        Instant.EPOCH,
                        Instant.EPOCH,
                        0,
                        Set.of(),
                        Optional.empty(),
                        Optional.empty());
        return content.judge(job, attempt);
    }

    private void read() throws IOException {
        try (InputStream in = content.open()) {
            assertThatThrownBy(in::readAllBytes).isSameAs(fault[0]);
        }
    }

    @Test
    void holdsMailThatNobodyGotForItIsDamaged() throws IOException {
        assertThat(judged(DEFERRED)).isSameAs(DEFERRED);
        read();
        assertThat(judged(DEFERRED))
                .isEqualTo(new Attempt.Held("its content is damaged on our disk: chunk 0 is gone"));
    }

    @Test
    void keepsWhatOthersSaid() throws IOException {
        read();
        Attempt some = tried(Reply.of(250, "2.0.0", "Ok"), Reply.of(451, "4.3.0", "Local error"));
        assertThat(judged(some)).isSameAs(some);
        Attempt none = tried(Reply.of(550, "5.1.1", "No such user"));
        assertThat(judged(none)).isSameAs(none);
    }

    @Test
    void triesAgainWhenTheStoreCannotBeReadNow() throws IOException {
        fault[0] = new IOException("the store is closed");
        read();
        assertThat(judged(DEFERRED)).isSameAs(DEFERRED);
    }
}
