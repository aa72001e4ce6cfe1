package org.posthorn.delivery;

import org.posthorn.api.dns.Resolver;
import org.posthorn.api.smtp.Reply;
import org.posthorn.smtp.client.TlsFacts;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Decides how well sessions with other servers must be secured, and remembers how they were. Safe
/// for use by many threads.
public final class OutgoingTls implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(OutgoingTls.class);
    private static final int FEW = 1_000;

    private final JournalMap fetched;
    private final JournalMap remembered;
    private final Optional<StsPolicies> sts;
    private final TlsMemory memory;
    private final TlsPolicies policies;
    private final InstantSource clock;

    private OutgoingTls(
            OutgoingTlsConfig config,
            JournalMap fetched,
            JournalMap remembered,
            Resolver dns,
            PolicyHost host,
            InstantSource clock) {
        this.fetched = fetched;
        this.remembered = remembered;
        this.sts =
                config.mtaSts()
                        ? Optional.of(new StsPolicies(dns, host, fetched, clock))
                        : Optional.empty();
        this.memory = new TlsMemory(remembered, config.remember(), clock);
        this.policies = new TlsPolicies(new DaneLookup(dns), sts, memory);
        this.clock = clock;
    }

    /// Opens it with what it knew before.
    ///
    /// @param directory where its files are, made where it is missing
    /// @param dns for DANE and MTA-STS
    /// @param host where policies are fetched
    /// @throws IOException when a file cannot be used; the message names it
    public static OutgoingTls open(
            OutgoingTlsConfig config,
            Path directory,
            Resolver dns,
            PolicyHost host,
            InstantSource clock)
            throws IOException {
        JournalMap fetched = JournalMap.open(directory.resolve("mta-sts"), config.domains());
        try {
            JournalMap remembered =
                    JournalMap.open(directory.resolve("remembered"), config.domains());
            return new OutgoingTls(config, fetched, remembered, dns, host, clock);
        } catch (IOException e) {
            fetched.close();
            throw e;
        }
    }

    /// Opens it with what it knew before, and changes no file.
    ///
    /// @param directory where its files may be
    /// @throws IOException when a file cannot be read; the message names it
    public static OutgoingTls look(
            OutgoingTlsConfig config,
            Path directory,
            Resolver dns,
            PolicyHost host,
            InstantSource clock)
            throws IOException {
        return new OutgoingTls(
                config,
                JournalMap.look(directory.resolve("mta-sts"), config.domains()),
                JournalMap.look(directory.resolve("remembered"), config.domains()),
                dns,
                host,
                clock);
    }

    /// Makes one that knows of nothing before, and keeps nothing when it goes.
    public static OutgoingTls inMemory(
            OutgoingTlsConfig config, Resolver dns, PolicyHost host, InstantSource clock) {
        return new OutgoingTls(
                config, JournalMap.inMemory(FEW), JournalMap.inMemory(FEW), dns, host, clock);
    }

    /// Makes one for routes and DANE alone.
    public static OutgoingTls simple(Resolver dns, InstantSource clock) {
        return inMemory(
                new OutgoingTlsConfig(false, 443, Duration.ZERO, FEW),
                dns,
                domain -> {
                    throw new IOException("no policy is fetched");
                },
                clock);
    }

    /// What is remembered of a domain.
    ///
    /// @param domain in ASCII
    /// @param how by what it was verified last: `dane` or `certificate`
    /// @param host the exchanger that it was verified with last
    /// @param since when that was first
    /// @param last when that was last, to the hour
    /// @param blocked how many attempts failed for it since the start
    public record RememberedDomain(
            String domain, String how, String host, Instant since, Instant last, long blocked) {}

    /// Returns which domains are remembered for verified TLS: first those where mail waits for it.
    public List<RememberedDomain> remembered() {
        return memory.all().stream()
                .map(
                        it ->
                                new RememberedDomain(
                                        it.domain(),
                                        it.how(),
                                        it.host(),
                                        it.since(),
                                        it.last(),
                                        memory.timesBlocked(it.domain())))
                .toList();
    }

    /// Returns how many domains are remembered for verified TLS, some of which may be due to be
    /// forgotten.
    public int rememberedCount() {
        return remembered.size();
    }

    /// Returns for how many domains attempts failed because verified TLS was gone.
    public int blockedCount() {
        return memory.blockedCount();
    }

    /// Forgets that a domain had verified TLS, and its MTA-STS policy.
    ///
    /// @param domain in ASCII, lower case
    /// @return whether there was anything
    public boolean forget(String domain) {
        boolean policy = sts.isPresent() && sts.get().forget(domain);
        boolean verified = memory.forget(domain);
        return policy || verified;
    }

    /// Decides what sessions must be like. May ask the DNS and fetch a policy.
    ///
    /// @param targets which hosts may be tried
    TlsPlan plan(TlsWish wish, List<Target> targets) throws InterruptedException {
        Map<String, TlsPolicy> all = new HashMap<>();
        for (Target target : targets) {
            if (!all.containsKey(target.host())) {
                all.put(target.host(), policies.of(wish, target));
            }
        }
        return new TlsPlan(wish, all);
    }

    /// Says why mail may not go to the host at all, however its session would be.
    Optional<Reply> refusal(TlsPolicy policy) {
        return policy.refusal(clock.instant());
    }

    /// Judges a session, and takes note of it.
    ///
    /// @param facts what its TLS came to; nothing where it is in clear
    /// @return why mail may not go by it
    Optional<Reply> judge(TlsWish wish, Target target, TlsPolicy policy, Optional<TlsFacts> facts) {
        Instant now = clock.instant();
        Optional<Reply> objection = policy.objection(facts, now);
        policy.remarks(facts, now)
                .forEach(it -> LOG.info("{}: MTA-STS in mode testing: {}", target, it));
        if (wish.domain().isEmpty()) {
            return objection;
        }
        String domain = wish.domain().get();
        if (objection.isPresent()) {
            if (policy.isBlockedBy(TlsPolicy.Source.MEMORY, facts, now)) {
                memory.blocked(domain);
            }
        } else if (facts.isPresent()) {
            verifiedBy(target, policy, facts.get(), now)
                    .ifPresent(how -> memory.verified(domain, target.host(), how));
        }
        return objection;
    }

    private static Optional<String> verifiedBy(
            Target target, TlsPolicy policy, TlsFacts facts, Instant now) {
        if (policy.demands().stream().anyMatch(it -> it.proof() instanceof Proof.Vouched)) {
            return Optional.of("dane");
        }
        return new Proof.Trusted(target.host()).objection(facts, now).isEmpty()
                ? Optional.of("certificate")
                : Optional.empty();
    }

    /// Closes its files.
    @Override
    public void close() {
        fetched.close();
        remembered.close();
    }
}
