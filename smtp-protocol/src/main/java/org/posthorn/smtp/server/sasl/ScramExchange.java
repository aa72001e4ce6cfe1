package org.posthorn.smtp.server.sasl;

import org.posthorn.api.auth.AuthAnswer;
import org.posthorn.api.auth.Exchange;
import org.posthorn.api.auth.ScramHash;
import org.posthorn.api.auth.ScramRecord;
import org.posthorn.smtp.sasl.Gs2Header;
import org.posthorn.smtp.sasl.SaslPrep;
import org.posthorn.smtp.sasl.SaslSyntaxException;
import org.posthorn.smtp.sasl.SaslText;
import org.posthorn.smtp.sasl.Scram;
import org.posthorn.smtp.sasl.ScramMessage;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/// `SCRAM-SHA-1`, `SCRAM-SHA-256` and its `-PLUS` form (RFC 5802, RFC 7677): both sides prove that
/// they know the password, or what was made of it, and neither says it.
///
/// A name that nobody has is led through the whole exchange, like one with a wrong password.
final class ScramExchange implements Exchange {
    private final Inquiry inquiry;
    private final ScramHash hash;
    private final boolean bound;
    private Phase phase = new Phase.Begun();

    /// How far it has got.
    private sealed interface Phase {
        record Begun() implements Phase {}

        record Challenged(
                ScramMessage.ClientFirst client,
                ScramMessage.ServerFirst server,
                ScramRecord record,
                AuthAnswer answer)
                implements Phase {}

        /// A source has taken over.
        record Relayed(Exchange exchange) implements Phase {}
    }

    /// @param bound whether it must be bound to TLS (`-PLUS`)
    ScramExchange(Inquiry inquiry, ScramHash hash, boolean bound) {
        this.inquiry = inquiry;
        this.hash = hash;
        this.bound = bound;
    }

    @Override
    public Step start(Optional<ByteBuffer> response) {
        return ClientFirst.start(response, this::respond);
    }

    @Override
    public Step respond(ByteBuffer response) {
        try {
            return switch (phase) {
                case Phase.Begun _ -> first(response);
                case Phase.Challenged challenged -> last(challenged, response);
                case Phase.Relayed(var exchange) -> exchange.respond(response);
            };
        } catch (SaslSyntaxException e) {
            return Step.Ended.with(AuthAnswer.REFUSED);
        }
    }

    private Step first(ByteBuffer response) throws SaslSyntaxException {
        var client = ScramMessage.ClientFirst.parse(response);
        if (!fits(client.header()) || !asItself(client)) {
            return Step.Ended.with(AuthAnswer.REFUSED);
        }
        return switch (inquiry.scram(hash, bound, client.name())) {
            case Inquiry.ScramPartner.Ours(var record, var answer) -> {
                var server =
                        ScramMessage.ServerFirst.of(
                                client.nonce() + inquiry.nonce(),
                                record.salt(),
                                record.iterations());
                phase = new Phase.Challenged(client, server, record, answer);
                yield new Step.Challenge(server.octets());
            }
            case Inquiry.ScramPartner.Theirs(var exchange) -> {
                phase = new Phase.Relayed(exchange);
                yield exchange.start(Optional.of(response));
            }
            case Inquiry.ScramPartner.Nobody(var answer) -> Step.Ended.with(answer);
        };
    }

    /// A client that thinks that we cannot bind, though we offered to, talks to somebody between us
    /// (RFC 5802 §6).
    private boolean fits(Gs2Header header) {
        return switch (header.binding()) {
            case Gs2Header.Binding.None _ -> !bound;
            case Gs2Header.Binding.NotOffered _ -> !bound && !inquiry.bindingOffered();
            case Gs2Header.Binding.By(var type) ->
                    bound && inquiry.channel().bindings().containsKey(type);
        };
    }

    private static boolean asItself(ScramMessage.ClientFirst client) {
        return client.header().authorization().stream()
                .allMatch(it -> SaslPrep.query(it).equals(SaslPrep.query(client.name())));
    }

    private Step last(Phase.Challenged said, ByteBuffer response) throws SaslSyntaxException {
        var client = ScramMessage.ClientFinal.parse(response);
        String conversation =
                Scram.conversation(said.client(), said.server(), client.withoutProof());
        boolean proved = Scram.verifies(said.record(), conversation, client.proof());
        boolean right =
                proved
                        && client.nonce().equals(said.server().nonce())
                        && Scram.equal(client.binding(), binding(said.client().header()));
        return right
                ? new Step.Ended(
                        said.answer(),
                        Optional.of(
                                new ScramMessage.ServerFinal(
                                                Scram.serverSignature(said.record(), conversation))
                                        .octets()))
                : Step.Ended.with(AuthAnswer.REFUSED);
    }

    /// The header again, and behind it what binds the exchange.
    private ByteBuffer binding(Gs2Header header) {
        byte[] head = header.text().getBytes(StandardCharsets.UTF_8);
        byte[] tail =
                header.binding() instanceof Gs2Header.Binding.By(var type)
                        ? inquiry.channel().bindings().getOrDefault(type, new byte[0])
                        : new byte[0];
        return ByteBuffer.allocate(head.length + tail.length).put(head).put(tail).flip();
    }

    @Override
    public void close() {
        if (phase instanceof Phase.Relayed(var exchange)) {
            exchange.close();
        }
    }
}
