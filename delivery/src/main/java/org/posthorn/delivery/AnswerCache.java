package org.posthorn.delivery;

import org.posthorn.api.dns.DnsAnswer;
import org.posthorn.api.dns.RecordType;
import org.xbill.DNS.Name;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// Answers of the DNS, as long as they may be kept; beyond its bound, those go that were not asked
/// for longest. Safe for use by many threads.
final class AnswerCache {

    /// A question.
    record Question(Name name, RecordType type) {}

    private record Kept(DnsAnswer answer, Instant until) {}

    private final InstantSource clock;
    private final Map<Question, Kept> answers;

    AnswerCache(int bound, InstantSource clock) {
        this.clock = clock;
        this.answers =
                new LinkedHashMap<>(16, 0.75f, true) {
                    private static final long serialVersionUID = 1L;

                    @Override
                    protected boolean removeEldestEntry(Map.Entry<Question, Kept> eldest) {
                        return size() > bound;
                    }
                };
    }

    synchronized Optional<DnsAnswer> find(Question question) {
        Kept kept = answers.get(question);
        if (kept == null) {
            return Optional.empty();
        }
        if (!clock.instant().isBefore(kept.until)) {
            answers.remove(question);
            return Optional.empty();
        }
        return Optional.of(kept.answer);
    }

    synchronized void keep(Question question, DnsAnswer answer, Duration timeToLive) {
        if (timeToLive.isPositive()) {
            answers.put(question, new Kept(answer, clock.instant().plus(timeToLive)));
        }
    }
}
