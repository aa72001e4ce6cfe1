package org.posthorn.delivery;

import org.jspecify.annotations.Nullable;
import org.posthorn.api.delivery.Outcome;
import org.posthorn.api.mail.Content;
import org.posthorn.api.mail.DamagedContentException;
import org.posthorn.queue.Job;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/// Content that remembers that it turned out to be damaged. Trying again does not help then, nor
/// may the mail go back to its sender as if others were at fault: it waits for an operator.
///
/// For one attempt at a time.
final class WatchedContent implements Content {
    private static final Logger LOG = LoggerFactory.getLogger(WatchedContent.class);

    private final Content content;
    private volatile @Nullable DamagedContentException damage;

    WatchedContent(Content content) {
        this.content = content;
    }

    /// Returns what the attempt came to, or that the mail is held where damage is why nobody got
    /// it.
    Attempt judge(Job job, Attempt attempt) {
        DamagedContentException why = damage;
        if (why == null || !(attempt instanceof Attempt.Tried tried) || !isForNobody(tried)) {
            return attempt;
        }
        LOG.error("{}: held, its content is damaged: {}", job, why.getMessage());
        return new Attempt.Held("its content is damaged on our disk: " + why.getMessage());
    }

    private static boolean isForNobody(Attempt.Tried tried) {
        return tried.results().stream().allMatch(it -> it.outcome() instanceof Outcome.Deferred);
    }

    @Override
    public long size() {
        return content.size();
    }

    @Override
    public InputStream open() throws IOException {
        return new Watched(content.open());
    }

    private final class Watched extends FilterInputStream {
        Watched(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            try {
                return in.read();
            } catch (DamagedContentException e) {
                damage = e;
                throw e;
            }
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            try {
                return in.read(into, offset, length);
            } catch (DamagedContentException e) {
                damage = e;
                throw e;
            }
        }
    }
}
