package org.posthorn.delivery;

import org.posthorn.smtp.client.TlsFacts;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/// What one message's sessions must be like, host by host: all that had to be asked of others is
/// known, so that nothing here waits. Immutable.
///
/// @param wish what the message and its route want
/// @param policies by the name of each host that may be tried
record TlsPlan(TlsWish wish, Map<String, TlsPolicy> policies) {
    TlsPlan {
        policies = Map.copyOf(policies);
    }

    /// Returns what sessions with a host must be like, if mail may go there at all.
    Optional<TlsPolicy> at(Target target) {
        return Optional.ofNullable(policies.get(target.host()));
    }

    /// Tells whether a session that was opened for other mail is good enough for this one.
    ///
    /// @param facts what its TLS came to; nothing where it is in clear
    boolean satisfiedBy(Target target, Optional<TlsFacts> facts, Instant now) {
        return at(target).filter(it -> it.satisfiedBy(facts, now)).isPresent();
    }
}
