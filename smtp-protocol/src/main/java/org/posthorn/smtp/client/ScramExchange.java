package org.posthorn.smtp.client;

import org.posthorn.api.auth.ScramHash;
import org.posthorn.api.auth.ScramRecord;
import org.posthorn.smtp.sasl.Gs2Header;
import org.posthorn.smtp.sasl.SaslPrep;
import org.posthorn.smtp.sasl.SaslSyntaxException;
import org.posthorn.smtp.sasl.SaslText;
import org.posthorn.smtp.sasl.Scram;
import org.posthorn.smtp.sasl.ScramMessage.ClientFinal;
import org.posthorn.smtp.sasl.ScramMessage.ClientFirst;
import org.posthorn.smtp.sasl.ScramMessage.ServerFinal;
import org.posthorn.smtp.sasl.ScramMessage.ServerFirst;

import java.nio.ByteBuffer;
import java.util.Optional;

/// SCRAM without channel binding (RFC 5802, RFC 7677): proves the password without telling it, and
/// has the server prove that it knows it as well.
final class ScramExchange implements SaslExchange {
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final ScramHash hash;
    private final String password;
    private final ClientFirst first;
    private Stage stage = new Stage.Begun();

    /// How far it has got.
    private sealed interface Stage {
        /// The server was told who we are.
        record Begun() implements Stage {}

        /// The server was given the proof.
        ///
        /// @param expected what it must prove itself by
        record Proven(ByteBuffer expected) implements Stage {}

        /// The server has proved itself.
        record Done() implements Stage {}
    }

    /// @param nonce printable, without commas, never used before
    ScramExchange(ScramHash hash, String user, String password, String nonce) {
        this.hash = hash;
        this.password = SaslPrep.query(password).orElse(password);
        this.first =
                ClientFirst.of(
                        new Gs2Header(Gs2Header.Binding.NONE, Optional.empty()),
                        SaslPrep.query(user).orElse(user),
                        nonce);
    }

    @Override
    public String name() {
        return hash.mechanism();
    }

    @Override
    public Optional<ByteBuffer> first() {
        return Optional.of(first.octets());
    }

    @Override
    public boolean isComplete() {
        return stage instanceof Stage.Done;
    }

    @Override
    public ByteBuffer answer(ByteBuffer challenge) throws SaslSyntaxException {
        return switch (stage) {
            case Stage.Begun() -> prove(ServerFirst.parse(challenge));
            case Stage.Proven(ByteBuffer expected) -> {
                if (!Scram.equal(expected, ServerFinal.parse(challenge).verifier())) {
                    throw new SaslSyntaxException("the server proves that it knows the password");
                }
                stage = new Stage.Done();
                yield NOTHING;
            }
            case Stage.Done() -> throw new SaslSyntaxException("SCRAM has two challenges");
        };
    }

    private ByteBuffer prove(ServerFirst server) throws SaslSyntaxException {
        if (!server.nonce().startsWith(first.nonce())
                || server.nonce().length() == first.nonce().length()) {
            throw new SaslSyntaxException("the server's nonce begins with ours");
        }
        ByteBuffer binding = SaslText.octetsOf(first.header().text());
        String bare = ClientFinal.withoutProof(binding, server.nonce());
        String conversation = Scram.conversation(first, server, bare);
        try {
            ScramRecord record = Scram.record(hash, password, server.salt(), server.iterations());
            stage = new Stage.Proven(Scram.serverSignature(record, conversation));
        } catch (IllegalArgumentException e) {
            throw new SaslSyntaxException("salt and iterations are within bounds");
        }
        ByteBuffer proof = Scram.clientProof(hash, password, server, conversation);
        return new ClientFinal(binding, server.nonce(), proof, bare).octets();
    }
}
