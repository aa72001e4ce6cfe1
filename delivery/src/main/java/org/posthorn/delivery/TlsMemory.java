package org.posthorn.delivery;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/// Which domains had verified TLS, so that nobody takes it away unnoticed. Safe for use by many
/// threads.
///
/// A domain is remembered for as long as the configuration says since it had it last; that it had
/// it again is noted once an hour.
final class TlsMemory {
    private static final Duration PRECISION = Duration.ofHours(1);

    private final JournalMap entries;
    private final Duration keep;
    private final InstantSource clock;
    private final Map<String, Long> blocked = new ConcurrentHashMap<>();

    /// @param keep how long; zero for not at all
    TlsMemory(JournalMap entries, Duration keep, InstantSource clock) {
        this.entries = entries;
        this.keep = keep;
        this.clock = clock;
    }

    /// What is remembered of a domain.
    ///
    /// @param domain in ASCII
    /// @param how by what it was verified last: `dane` or `certificate`
    /// @param host the exchanger that it was verified with last
    /// @param since when that was first
    /// @param last when that was last, to the hour
    record Remembered(String domain, String how, String host, Instant since, Instant last) {
        private String value() {
            return "%s %s %d %d"
                    .formatted(how, host, since.getEpochSecond(), last.getEpochSecond());
        }

        private static Optional<Remembered> parse(String domain, String value) {
            String[] parts = value.split(" ", -1);
            if (parts.length != 4) {
                return Optional.empty();
            }
            try {
                return Optional.of(
                        new Remembered(
                                domain,
                                parts[0],
                                parts[1],
                                Instant.ofEpochSecond(Long.parseLong(parts[2])),
                                Instant.ofEpochSecond(Long.parseLong(parts[3]))));
            } catch (NumberFormatException | DateTimeException _) {
                return Optional.empty();
            }
        }
    }

    Optional<Remembered> find(String domain) {
        return entries.find(domain).flatMap(it -> Remembered.parse(domain, it)).filter(this::holds);
    }

    private boolean holds(Remembered it) {
        return clock.instant().isBefore(it.last().plus(keep));
    }

    /// Takes note that a domain has verified TLS.
    void verified(String domain, String host, String how) {
        if (keep.isZero()) {
            return;
        }
        Optional<Remembered> before = find(domain);
        Instant now = clock.instant();
        if (before.isEmpty() || !now.isBefore(before.get().last().plus(PRECISION))) {
            Instant since = before.map(Remembered::since).orElse(now);
            entries.put(domain, new Remembered(domain, how, host, since, now).value());
        }
        blocked.remove(domain);
    }

    /// Takes note that mail waits for it.
    void blocked(String domain) {
        if (find(domain).isPresent()) {
            blocked.merge(domain, 1L, Long::sum);
        }
    }

    /// Returns how many attempts failed for it since the start, or since it was there again.
    long timesBlocked(String domain) {
        return blocked.getOrDefault(domain, 0L);
    }

    int blockedCount() {
        return blocked.size();
    }

    /// Forgets a domain, and tells whether there was anything.
    boolean forget(String domain) {
        blocked.remove(domain);
        return entries.remove(domain);
    }

    /// Returns what is remembered: first where mail waits, then what was verified last.
    List<Remembered> all() {
        List<Remembered> all =
                entries.all().stream()
                        .flatMap(it -> Remembered.parse(it.getKey(), it.getValue()).stream())
                        .filter(this::holds)
                        .toList();
        return Stream.concat(
                        all.stream().filter(it -> timesBlocked(it.domain()) > 0),
                        all.stream().filter(it -> timesBlocked(it.domain()) == 0))
                .toList();
    }
}
