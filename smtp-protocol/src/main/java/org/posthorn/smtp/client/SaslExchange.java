package org.posthorn.smtp.client;

import org.posthorn.api.auth.ScramHash;
import org.posthorn.smtp.sasl.BearerMessage;
import org.posthorn.smtp.sasl.PlainMessage;
import org.posthorn.smtp.sasl.SaslSyntaxException;
import org.posthorn.smtp.sasl.SaslText;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;

/// The client's side of one SASL mechanism (RFC 4422). One exchange, one thread.
sealed interface SaslExchange permits SaslExchange.Once, SaslExchange.Login, ScramExchange {

    /// Returns the mechanism's name.
    String name();

    /// Returns what goes with `AUTH` already, where the mechanism lets the client begin.
    Optional<ByteBuffer> first();

    /// Answers a challenge.
    ///
    /// @throws SaslSyntaxException when it is none of the mechanism, or does not prove that the
    ///     server knows us
    ByteBuffer answer(ByteBuffer challenge) throws SaslSyntaxException;

    /// Tells whether all was said, by us and by the server, that makes a success one.
    boolean isComplete();

    /// Returns the mechanisms that credentials serve, the best first.
    ///
    /// @param nonce for SCRAM: printable, without commas, never used before
    static List<SaslExchange> of(Credentials credentials, String nonce) {
        return switch (credentials) {
            case Credentials.Password(String user, String password) ->
                    List.of(
                            new ScramExchange(ScramHash.SHA_256, user, password, nonce),
                            new ScramExchange(ScramHash.SHA_1, user, password, nonce),
                            new Once(
                                    "PLAIN",
                                    new PlainMessage(Optional.empty(), user, password).octets()),
                            new Login(user, password));
            case Credentials.Token(String user, String token) -> {
                var bearer = new BearerMessage(Optional.of(user), token);
                yield List.of(
                        new Once("OAUTHBEARER", bearer.octets()),
                        new Once("XOAUTH2", bearer.xoauth2()));
            }
        };
    }

    /// A mechanism where all is in the client's first message. Where a token is refused, the server
    /// says why in a challenge, and waits for an answer that says nothing (RFC 7628 §3.2.3).
    ///
    /// @param name the mechanism's name
    /// @param message the first message
    record Once(String name, ByteBuffer message) implements SaslExchange {
        private static final ByteBuffer NOTHING = SaslText.octetsOf("\1");

        @Override
        public Optional<ByteBuffer> first() {
            return Optional.of(message);
        }

        @Override
        public ByteBuffer answer(ByteBuffer challenge) {
            return NOTHING;
        }

        @Override
        public boolean isComplete() {
            return true;
        }
    }

    /// What was never specified and everybody knows: the name, then the password.
    final class Login implements SaslExchange {
        private final List<String> words;
        private int said;

        Login(String user, String password) {
            words = List.of(user, password);
        }

        @Override
        public String name() {
            return "LOGIN";
        }

        @Override
        public Optional<ByteBuffer> first() {
            return Optional.empty();
        }

        @Override
        public ByteBuffer answer(ByteBuffer challenge) throws SaslSyntaxException {
            if (isComplete()) {
                throw new SaslSyntaxException("LOGIN has two challenges");
            }
            return SaslText.octetsOf(words.get(said++));
        }

        @Override
        public boolean isComplete() {
            return said == words.size();
        }
    }
}
