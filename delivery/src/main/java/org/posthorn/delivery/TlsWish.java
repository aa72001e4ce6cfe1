package org.posthorn.delivery;

import java.util.List;
import java.util.Optional;

/// What a message and its route want of TLS, before anything is known of a host. Immutable.
///
/// @param domain the recipient's domain in ASCII, where its exchangers are what mail goes to;
/// nothing
///     where the route names the server
/// @param level what the route says
/// @param fingerprints what the route says of certificates and keys
/// @param sender what the sender says
record TlsWish(
        Optional<String> domain, TlsLevel level, List<Fingerprint> fingerprints, Sender sender) {

    /// What a sender says about TLS (RFC 8689).
    enum Sender {
        /// Nothing.
        INDIFFERENT,
        /// Verified TLS all the way, or not at all: REQUIRETLS.
        REQUIRES,
        /// Policies of the recipient's side are to be passed over: `TLS-Required: no`.
        RELAXES
    }

    TlsWish {
        fingerprints = List.copyOf(fingerprints);
    }

    /// Returns the same of another sender.
    TlsWish of(Sender other) {
        return new TlsWish(domain, level, fingerprints, other);
    }

    /// Tells whether what the recipient's domain publishes counts: its DANE and MTA-STS, and what
    /// it had before. An operator who names a proof, or wants no TLS, has decided.
    boolean heedsTheirs() {
        return sender != Sender.RELAXES
                && switch (level) {
                    case MAY, ENCRYPT, VERIFY -> true;
                    case NONE, FINGERPRINT, DANE -> false;
                };
    }
}
