package org.posthorn.delivery;

import org.posthorn.delivery.TlsPolicy.Demand;
import org.posthorn.delivery.TlsPolicy.Source;
import org.posthorn.delivery.TlsWish.Sender;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// Decides what a session with one host must be like: by the route, then by what the recipient's
/// domain publishes and had before, then by the sender. Safe for use by many threads; a call may
/// ask the DNS and fetch a policy.
///
/// @param dane asks the DNS about hosts
/// @param sts knows policies of domains; nothing where the configuration does not want them
/// @param memory knows which domains had verified TLS
record TlsPolicies(DaneLookup dane, Optional<StsPolicies> sts, TlsMemory memory) {

    TlsPolicy of(TlsWish wish, Target target) throws InterruptedException {
        return new Course(wish, target).policy();
    }

    /// One decision.
    private final class Course {
        private final TlsWish wish;
        private final String host;
        private final Target target;
        private final boolean required;
        private final List<Demand> demands = new ArrayList<>();
        private final List<Demand> watched = new ArrayList<>();
        private final List<String> because = new ArrayList<>();
        private Optional<Dane> vouched = Optional.empty();

        Course(TlsWish wish, Target target) {
            this.wish = wish;
            this.target = target;
            this.host = target.host();
            this.required = wish.sender() == Sender.REQUIRES;
        }

        TlsPolicy policy() throws InterruptedException {
            TlsLevel level = level();
            because.add("the route says tls = " + level.name().toLowerCase(Locale.ROOT));
            if (level == TlsLevel.NONE && !required) {
                return new TlsPolicy(false, host, List.of(), List.of(), because);
            }
            boolean governed = asksDane(level) && byDane(level == TlsLevel.DANE);
            switch (level) {
                case NONE, MAY, DANE -> {}
                case ENCRYPT -> byRoute(new Proof.Encryption());
                case VERIFY -> byRoute(trusted());
                case FINGERPRINT -> byRoute(new Proof.Known(wish.fingerprints()));
            }
            Optional<StsPolicies.Kept> policy = policy(level);
            if (policy.isPresent() && wish.heedsTheirs() && !governed) {
                bySts(policy.get().policy());
            }
            if (wish.heedsTheirs() && wish.domain().isPresent()) {
                byMemory(wish.domain().get());
            }
            if (required) {
                bySender(policy);
            }
            String name = vouched.map(it -> it.names().getFirst()).orElse(host);
            return new TlsPolicy(true, name, demands, watched, because);
        }

        /// What an operator wants of one server stands, whatever a sender says (RFC 8689 §4.2.2).
        private TlsLevel level() {
            boolean relaxed = wish.sender() == Sender.RELAXES && wish.domain().isPresent();
            return relaxed && wish.level() != TlsLevel.NONE ? TlsLevel.MAY : wish.level();
        }

        private boolean asksDane(TlsLevel level) {
            return switch (level) {
                case MAY, ENCRYPT -> wish.heedsTheirs();
                case DANE -> true;
                case NONE, VERIFY, FINGERPRINT -> required;
            };
        }

        private void byRoute(Proof proof) {
            demands.add(new Demand(proof, Source.ROUTE, "the route asks for it"));
        }

        /// @param must whether the route says so
        /// @return whether DANE takes the place of MTA-STS; records that cannot be used do not
        private boolean byDane(boolean must) throws InterruptedException {
            return switch (dane.of(wish.domain(), target)) {
                case DaneLookup.Present(Dane found) -> {
                    because.add("DANE: TLSA at " + found.service());
                    vouched = Optional.of(found);
                    // Where the route names another proof, this one is only the sender's choice.
                    if (must || wish.heedsTheirs() && wish.level() != TlsLevel.VERIFY) {
                        byDane(new Proof.Vouched(found));
                    }
                    yield true;
                }
                case DaneLookup.Unusable(String service) -> {
                    because.add("DANE: no TLSA at " + service + " can be used");
                    byDane(
                            must
                                    ? new Proof.Impossible("no TLSA at " + service + " can be used")
                                    : new Proof.Encryption());
                    yield false;
                }
                case DaneLookup.Absent() -> absent(must, "there is no TLSA for it");
                case DaneLookup.Unsigned(String why) -> absent(must, why);
                case DaneLookup.Failed(String reason) -> {
                    because.add("DANE: the DNS does not answer " + reason);
                    byDane(new Proof.Impossible("the DNS does not answer " + reason));
                    yield true;
                }
            };
        }

        private boolean absent(boolean must, String why) {
            because.add("no DANE: " + why);
            if (must) {
                byRoute(new Proof.Impossible(why));
            }
            return false;
        }

        private void byDane(Proof proof) {
            demands.add(new Demand(proof, Source.DANE, "DANE asks for it"));
        }

        private Optional<StsPolicies.Kept> policy(TlsLevel level) throws InterruptedException {
            boolean asked = required || wish.heedsTheirs() && level != TlsLevel.NONE;
            if (!asked || sts.isEmpty() || wish.domain().isEmpty()) {
                return Optional.empty();
            }
            StsPolicies.Known known = sts.get().find(wish.domain().get());
            because.add(
                    known.kept()
                            .map(it -> "MTA-STS: " + it.policy().mode() + ", id " + it.id() + ", ")
                            .orElse("no MTA-STS: ")
                            .concat(known.remark()));
            return known.kept();
        }

        private void bySts(StsPolicy policy) {
            Proof proof =
                    policy.allows(host)
                            ? trusted()
                            : new Proof.Impossible(host + " is not an exchanger by MTA-STS");
            String asks = "the MTA-STS policy of " + wish.domain().orElse("") + " asks for it";
            Demand demand = new Demand(proof, Source.STS, asks);
            switch (policy.mode()) {
                case ENFORCE -> demands.add(demand);
                case TESTING -> watched.add(demand);
                case NONE -> {}
            }
        }

        private void byMemory(String domain) {
            memory.find(domain)
                    .ifPresent(
                            it -> {
                                because.add(
                                        "remembered: verified by %s since %s, last %s with %s"
                                                .formatted(
                                                        it.how(),
                                                        it.since(),
                                                        it.last(),
                                                        it.host()));
                                demands.add(
                                        new Demand(
                                                trustedOrVouched(),
                                                Source.MEMORY,
                                                "%s had verified TLS until %s (posthorn tls forget)"
                                                        .formatted(domain, it.last())));
                            });
        }

        private void bySender(Optional<StsPolicies.Kept> policy) throws InterruptedException {
            String asks = "the sender asks for it";
            demands.add(new Demand(trustedOrVouched(), Source.SENDER, asks));
            if (wish.domain().isEmpty() || isGenuine(wish.domain().get(), policy)) {
                return;
            }
            demands.add(
                    new Demand(
                            new Proof.Impossible(
                                    "neither DNSSEC nor MTA-STS vouches for the name of the server"),
                            Source.SENDER,
                            asks));
        }

        /// A name that an MX record gives must be vouched for (RFC 8689 §2).
        private boolean isGenuine(String domain, Optional<StsPolicies.Kept> policy)
                throws InterruptedException {
            return host.startsWith("[")
                    || host.equalsIgnoreCase(domain)
                    || policy.filter(it -> it.policy().allows(host)).isPresent()
                    || dane.isSignedExchanger(domain, host);
        }

        private Proof trusted() {
            return new Proof.Trusted(host);
        }

        private Proof trustedOrVouched() {
            return vouched.isPresent()
                    ? new Proof.AnyOf(List.of(trusted(), new Proof.Vouched(vouched.get())))
                    : trusted();
        }
    }
}
