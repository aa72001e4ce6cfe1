package org.posthorn.delivery;

import org.posthorn.smtp.client.TlsFacts;

import java.security.cert.CertificateEncodingException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// What must be true of a session in TLS, so that mail may go by it. Immutable.
sealed interface Proof {

    /// Says what is wrong, as a clause about the server: `its certificate ...`.
    ///
    /// @param now for what expires
    Optional<String> objection(TlsFacts facts, Instant now);

    /// Says what is asked for, for operators.
    String words();

    /// TLS is enough.
    record Encryption() implements Proof {
        @Override
        public Optional<String> objection(TlsFacts facts, Instant now) {
            return Optional.empty();
        }

        @Override
        public String words() {
            return "any certificate";
        }
    }

    /// A trusted authority's certificate for the host.
    record Trusted(String host) implements Proof {
        @Override
        public Optional<String> objection(TlsFacts facts, Instant now) {
            if (facts.distrust().isPresent()) {
                return Optional.of("its certificate is not trusted: " + facts.distrust().get());
            }
            return facts.isFor(host)
                    ? expired(facts, now)
                    : Optional.of("its certificate is not for " + host);
        }

        /// A session may outlive what it was opened with.
        private static Optional<String> expired(TlsFacts facts, Instant now) {
            return facts.certificate().getNotAfter().toInstant().isBefore(now)
                    ? Optional.of("its certificate has expired")
                    : Optional.empty();
        }

        @Override
        public String words() {
            return "a trusted certificate for " + host;
        }
    }

    /// One of several certificates or keys.
    record Known(List<Fingerprint> fingerprints) implements Proof {
        @Override
        public Optional<String> objection(TlsFacts facts, Instant now) {
            try {
                for (Fingerprint fingerprint : fingerprints) {
                    if (fingerprint.matches(facts)) {
                        return Optional.empty();
                    }
                }
            } catch (CertificateEncodingException _) {
                return Optional.of("its certificate cannot be read");
            }
            return Optional.of("its certificate has none of the fingerprints");
        }

        @Override
        public String words() {
            return "a certificate or key with one of " + fingerprints.size() + " fingerprints";
        }
    }

    /// A certificate that the DNS vouches for.
    record Vouched(Dane dane) implements Proof {
        @Override
        public Optional<String> objection(TlsFacts facts, Instant now) {
            return dane.objection(facts, now);
        }

        @Override
        public String words() {
            return "a certificate that matches TLSA at " + dane.service();
        }
    }

    /// One of several proofs.
    ///
    /// @param proofs at least one
    record AnyOf(List<Proof> proofs) implements Proof {
        @Override
        public Optional<String> objection(TlsFacts facts, Instant now) {
            List<Optional<String>> objections =
                    proofs.stream().map(it -> it.objection(facts, now)).toList();
            return objections.stream().allMatch(Optional::isPresent)
                    ? objections.getFirst()
                    : Optional.empty();
        }

        @Override
        public String words() {
            return String.join(" or ", proofs.stream().map(Proof::words).toList());
        }
    }

    /// Nothing would do.
    ///
    /// @param why a clause about the server
    record Impossible(String why) implements Proof {
        @Override
        public Optional<String> objection(TlsFacts facts, Instant now) {
            return Optional.of(why);
        }

        @Override
        public String words() {
            return "not at all: " + why;
        }
    }
}
