package org.posthorn.smtp.sasl;

import org.posthorn.api.auth.ScramRecord;

import java.nio.ByteBuffer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The four messages of SCRAM (RFC 5802 §7). Immutable.
///
/// Extensions behind the known attributes are passed over; the mandatory extension `m=` is not
/// known to anybody, so a message with it is refused (§5.1).
public sealed interface ScramMessage {

    /// Returns the whole message.
    String text();

    /// Returns the whole message in UTF-8.
    default ByteBuffer octets() {
        return SaslText.octetsOf(text());
    }

    /// The client says who it is.
    ///
    /// @param header whether the exchange is bound to TLS
    /// @param name who it is
    /// @param nonce its nonce
    /// @param bare the message without the header, as it was sent
    record ClientFirst(Gs2Header header, String name, String nonce, String bare)
            implements ScramMessage {
        private static final Pattern FORM =
                Pattern.compile("n=([^,\\x00]+),r=([!-+\\--~]+)(?:,[^\\x00]*)?");

        /// Makes one.
        public static ClientFirst of(Gs2Header header, String name, String nonce) {
            return new ClientFirst(
                    header, name, nonce, "n=" + SaslName.encode(name) + ",r=" + nonce);
        }

        /// Reads one.
        ///
        /// @throws SaslSyntaxException when it is none
        public static ClientFirst parse(ByteBuffer octets) throws SaslSyntaxException {
            String text = SaslText.utf8(octets);
            Gs2Header header = Gs2Header.parse(text);
            String bare = text.substring(header.text().length());
            Matcher parts = FORM.matcher(bare);
            if (!parts.matches()) {
                throw new SaslSyntaxException("a client's first message is n=name,r=nonce");
            }
            return new ClientFirst(header, SaslName.decode(parts.group(1)), parts.group(2), bare);
        }

        @Override
        public String text() {
            return header.text() + bare;
        }
    }

    /// The server says how the password is to be hashed.
    ///
    /// @param nonce the client's nonce, and the server's behind it
    /// @param salt the salt
    /// @param iterations how often the hash is applied
    /// @param text the whole message, as it was sent
    record ServerFirst(String nonce, ByteBuffer salt, int iterations, String text)
            implements ScramMessage {
        private static final Pattern FORM =
                Pattern.compile("r=([!-+\\--~]+),s=([A-Za-z0-9+/=]+),i=([1-9][0-9]{0,7})(?:,.*)?");

        /// Makes one.
        public static ServerFirst of(String nonce, ByteBuffer salt, int iterations) {
            return new ServerFirst(
                    nonce,
                    salt,
                    iterations,
                    "r=" + nonce + ",s=" + SaslText.base64(salt) + ",i=" + iterations);
        }

        /// Reads one. Iterations are bounded, since they cost the client time.
        ///
        /// @throws SaslSyntaxException when it is none
        public static ServerFirst parse(ByteBuffer octets) throws SaslSyntaxException {
            String text = SaslText.utf8(octets);
            Matcher parts = FORM.matcher(text);
            if (!parts.matches()) {
                throw new SaslSyntaxException(
                        "a server's first message is r=nonce,s=salt,i=iterations");
            }
            int iterations = Integer.parseInt(parts.group(3));
            if (iterations > ScramRecord.MOST_ITERATIONS) {
                throw new SaslSyntaxException(
                        "at most " + ScramRecord.MOST_ITERATIONS + " iterations");
            }
            byte[] salt = SaslText.required(parts.group(2), "a salt");
            return new ServerFirst(parts.group(1), ByteBuffer.wrap(salt), iterations, text);
        }
    }

    /// The client proves itself.
    ///
    /// @param binding the GS2 header again, and behind it what binds the exchange to TLS
    /// @param nonce both nonces again
    /// @param proof the proof
    /// @param withoutProof the message without its proof, as it was sent
    record ClientFinal(ByteBuffer binding, String nonce, ByteBuffer proof, String withoutProof)
            implements ScramMessage {
        private static final Pattern FORM =
                Pattern.compile(
                        "(c=([A-Za-z0-9+/=]+),r=([!-+\\--~]+)(?:,[^\\x00]*)?),p=([A-Za-z0-9+/=]+)");

        /// Returns the message without its proof, from which the proof is made.
        public static String withoutProof(ByteBuffer binding, String nonce) {
            return "c=" + SaslText.base64(binding) + ",r=" + nonce;
        }

        /// Reads one.
        ///
        /// @throws SaslSyntaxException when it is none
        public static ClientFinal parse(ByteBuffer octets) throws SaslSyntaxException {
            Matcher parts = FORM.matcher(SaslText.utf8(octets));
            if (!parts.matches()) {
                throw new SaslSyntaxException(
                        "a client's final message is c=binding,r=nonce,p=proof");
            }
            return new ClientFinal(
                    ByteBuffer.wrap(SaslText.required(parts.group(2), "a binding")),
                    parts.group(3),
                    ByteBuffer.wrap(SaslText.required(parts.group(4), "a proof")),
                    parts.group(1));
        }

        @Override
        public String text() {
            return withoutProof + ",p=" + SaslText.base64(proof);
        }
    }

    /// The server proves itself.
    ///
    /// @param verifier its signature
    record ServerFinal(ByteBuffer verifier) implements ScramMessage {
        private static final Pattern FORM = Pattern.compile("v=([A-Za-z0-9+/=]+)(?:,.*)?");

        /// Reads one.
        ///
        /// @throws SaslSyntaxException when it is none, or the server says that it failed (`e=`)
        public static ServerFinal parse(ByteBuffer octets) throws SaslSyntaxException {
            Matcher parts = FORM.matcher(SaslText.utf8(octets));
            if (!parts.matches()) {
                throw new SaslSyntaxException("a server's final message is v=signature");
            }
            return new ServerFinal(
                    ByteBuffer.wrap(SaslText.required(parts.group(1), "a signature")));
        }

        @Override
        public String text() {
            return "v=" + SaslText.base64(verifier);
        }
    }
}
