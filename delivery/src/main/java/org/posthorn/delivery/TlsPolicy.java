package org.posthorn.delivery;

import org.posthorn.api.smtp.Reply;
import org.posthorn.smtp.client.TlsFacts;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// What sessions with one host must be like for the mail of one recipient's domain. Immutable.
///
/// @param tls whether TLS is tried at all
/// @param serverName whom we name in the handshake (SNI): the host, or where its TLSA records are
/// @param demands what must be true; where there are none, mail may go in clear
/// @param watched what would be demanded, and is only told (RFC 8461 §5, `testing`)
/// @param because what was found out to come to this, for operators
record TlsPolicy(
        boolean tls,
        String serverName,
        List<Demand> demands,
        List<Demand> watched,
        List<String> because) {

    /// Who asks for a proof.
    enum Source {
        ROUTE,
        DANE,
        STS,
        MEMORY,
        SENDER
    }

    /// A proof, and who asks for it.
    ///
    /// @param asks how that stands in replies: `the route asks for it`
    record Demand(Proof proof, Source source, String asks) {

        private Optional<Reply> objection(Optional<TlsFacts> facts, Instant now) {
            Optional<String> why =
                    proof instanceof Proof.Impossible(String impossible)
                            ? Optional.of(impossible)
                            : facts.isPresent()
                                    ? proof.objection(facts.get(), now)
                                    : Optional.of("the server does not offer TLS");
            return why.map(it -> reply(it, facts.isPresent()));
        }

        /// What a sender asks for is not waited for (RFC 8689 §4.2.1).
        private Reply reply(String why, boolean encrypted) {
            String text = "Not sent: %s, and %s".formatted(Wording.printable(why), asks);
            return source == Source.SENDER
                    ? Reply.of(554, "5.7.10", text)
                    : Reply.of(454, encrypted ? "4.7.5" : "4.7.10", text);
        }
    }

    TlsPolicy {
        demands = List.copyOf(demands);
        watched = List.copyOf(watched);
        because = List.copyOf(because);
    }

    /// Tells whether mail may go by a session.
    ///
    /// @param facts what its TLS came to; nothing where it is in clear
    boolean satisfiedBy(Optional<TlsFacts> facts, Instant now) {
        return (tls || facts.isEmpty()) && objection(facts, now).isEmpty();
    }

    /// Says why mail may not go by a session, as a reply for its recipients: first what can be
    /// waited for.
    ///
    /// @param facts what its TLS came to; nothing where it is in clear
    Optional<Reply> objection(Optional<TlsFacts> facts, Instant now) {
        return demands.stream().flatMap(it -> it.objection(facts, now).stream()).findFirst();
    }

    /// Says why mail may not go to the host, however its session is. So there need be none.
    Optional<Reply> refusal(Instant now) {
        return demands.stream()
                .filter(it -> it.proof() instanceof Proof.Impossible)
                .flatMap(it -> it.objection(Optional.empty(), now).stream())
                .findFirst();
    }

    /// Returns what is wrong, but only told.
    List<Reply> remarks(Optional<TlsFacts> facts, Instant now) {
        return watched.stream().flatMap(it -> it.objection(facts, now).stream()).toList();
    }

    /// Tells whether mail may go in clear where TLS is not to be had (RFC 7435).
    boolean mayBeClear() {
        return demands.isEmpty();
    }

    /// Tells who objects to a session.
    boolean isBlockedBy(Source source, Optional<TlsFacts> facts, Instant now) {
        return demands.stream()
                .filter(it -> it.objection(facts, now).isPresent())
                .findFirst()
                .filter(it -> it.source() == source)
                .isPresent();
    }
}
