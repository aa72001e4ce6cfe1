package org.posthorn.delivery;

import org.posthorn.api.dns.DnsAnswer;
import org.posthorn.api.dns.DnsRecord;
import org.posthorn.api.dns.RecordType;
import org.posthorn.api.dns.Resolver;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;

/// The MTA-STS policies of recipients' domains (RFC 8461 §3.3 and §5.1). Safe for use by many
/// threads; a call may block for as long as the policy host takes.
///
/// What was fetched holds as long as it says, whatever happens to the DNS or the policy host
/// meanwhile; only a newer one takes its place. One that is a day old is fetched anew, so that it
/// never runs out while mail flows. A fetch that failed is not repeated for five minutes, and what
/// was fetched holds as long at least, so that no domain has a fetch for each message.
final class StsPolicies {
    private static final Logger LOG = LoggerFactory.getLogger(StsPolicies.class);
    private static final Duration FRESH = Duration.ofDays(1);
    private static final Duration AFTER_FAILURE = Duration.ofMinutes(5);
    private static final int MOST_FAILURES = 10_000;

    private final Resolver dns;
    private final PolicyHost host;
    private final JournalMap cache;
    private final InstantSource clock;
    private final Map<String, ReentrantLock> locks = new ConcurrentHashMap<>();
    private final Map<String, Failure> failures =
            new LinkedHashMap<>() {
                private static final long serialVersionUID = 1L;

                @Override
                protected boolean removeEldestEntry(Map.Entry<String, Failure> eldest) {
                    return size() > MOST_FAILURES;
                }
            };

    StsPolicies(Resolver dns, PolicyHost host, JournalMap cache, InstantSource clock) {
        this.dns = dns;
        this.host = host;
        this.cache = cache;
        this.clock = clock;
    }

    /// A policy that was fetched.
    ///
    /// @param id what the DNS said then
    /// @param fetched when
    record Kept(String id, StsPolicy policy, Instant fetched) {
        Instant until() {
            return fetched.plus(policy.maxAge());
        }

        @Override
        public String toString() {
            String text = policy.toString().replace('\n', '|');
            return id + " " + fetched.getEpochSecond() + " " + text;
        }

        private static Optional<Kept> parse(String line) {
            String[] parts = line.split(" ", 3);
            if (parts.length < 3) {
                return Optional.empty();
            }
            try {
                Instant fetched = Instant.ofEpochSecond(Long.parseLong(parts[1]));
                return StsPolicy.parse(parts[2].replace('|', '\n'))
                        .map(policy -> new Kept(parts[0], policy, fetched));
            } catch (NumberFormatException | DateTimeException _) {
                return Optional.empty();
            }
        }
    }

    /// What is known of a domain.
    ///
    /// @param kept its policy, if there is one that holds
    /// @param remark how that was found out, for operators
    record Known(Optional<Kept> kept, String remark) {}

    private record Failure(Instant at, String why) {}

    /// Finds the policy of a domain, fetching it where it must.
    ///
    /// @param domain in ASCII, lower case
    Known find(String domain) throws InterruptedException {
        ReentrantLock lock = locks.computeIfAbsent(domain, _ -> new ReentrantLock());
        lock.lockInterruptibly();
        try {
            return findAlone(domain);
        } finally {
            lock.unlock();
            // Whoever has it already, and one who comes later, may both fetch: no harm is done.
            if (!lock.hasQueuedThreads()) {
                locks.remove(domain, lock);
            }
        }
    }

    private Known findAlone(String domain) throws InterruptedException {
        Optional<Kept> kept = kept(domain);
        return switch (dns.lookup("_mta-sts." + domain, RecordType.TXT)) {
            case DnsAnswer.Found(_, List<DnsRecord> records, _) ->
                    StsRecord.of(texts(records)).isPresent()
                            ? current(domain, StsRecord.of(texts(records)).get(), kept)
                            : without(kept, "the record at _mta-sts." + domain + " is none");
            case DnsAnswer.NoRecords(), DnsAnswer.NoSuchName() ->
                    without(kept, "there is no record at _mta-sts." + domain);
            case DnsAnswer.Failed(String reason) ->
                    without(kept, "_mta-sts." + domain + " cannot be looked up: " + reason);
        };
    }

    private static List<String> texts(List<DnsRecord> records) {
        return records.stream()
                .filter(DnsRecord.Txt.class::isInstance)
                .map(it -> ((DnsRecord.Txt) it).text())
                .toList();
    }

    private Optional<Kept> kept(String domain) {
        return cache.find(domain)
                .flatMap(Kept::parse)
                .filter(it -> clock.instant().isBefore(it.until()));
    }

    private static Known without(Optional<Kept> kept, String why) {
        return new Known(
                kept, kept.isPresent() ? why + "; what was fetched before still holds" : why);
    }

    private Known current(String domain, StsRecord record, Optional<Kept> kept)
            throws InterruptedException {
        boolean same = kept.isPresent() && kept.get().id().equals(record.id());
        if (same && clock.instant().isBefore(kept.get().fetched().plus(FRESH))) {
            return new Known(kept, "fetched " + kept.get().fetched());
        }
        Optional<Failure> failure = failure(domain);
        if (failure.isPresent()) {
            return without(kept, failure.get().why());
        }
        try {
            Optional<StsPolicy> policy = StsPolicy.parse(host.fetch(domain));
            if (policy.isPresent()) {
                Kept fresh = new Kept(record.id(), policy.get(), clock.instant());
                cache.put(domain, fresh.toString());
                return new Known(Optional.of(fresh), "fetched now");
            }
            return failed(domain, kept, "what its host says is no policy");
        } catch (IOException e) {
            return failed(domain, kept, String.valueOf(e.getMessage()));
        }
    }

    private Optional<Failure> failure(String domain) {
        synchronized (failures) {
            return Optional.ofNullable(failures.get(domain))
                    .filter(it -> clock.instant().isBefore(it.at().plus(AFTER_FAILURE)));
        }
    }

    private Known failed(String domain, Optional<Kept> kept, String reason) {
        String why = "the policy cannot be fetched: " + reason;
        synchronized (failures) {
            failures.put(domain, new Failure(clock.instant(), why));
        }
        LOG.info("MTA-STS of {}: {}", domain, why);
        return without(kept, why);
    }

    /// Forgets what was fetched, and tells whether there was anything.
    boolean forget(String domain) {
        synchronized (failures) {
            failures.remove(domain);
        }
        return cache.remove(domain);
    }
}
