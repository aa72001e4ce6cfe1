package org.posthorn.smtp.sasl;

import java.nio.ByteBuffer;
import java.util.Optional;

/// The message by which a client presents a bearer token: by `OAUTHBEARER` (RFC 7628 §3.1), or by
/// `XOAUTH2`, which large providers made up before. Immutable.
///
/// @param name whom the client asks to be, if it says so
/// @param token visible ASCII (RFC 6750 §2.1)
public record BearerMessage(Optional<String> name, String token) {
    private static final char SEPARATOR = '\u0001';
    private static final String SCHEME = "Bearer ";

    /// Reads a message of `OAUTHBEARER`. Its `host` and `port` are passed over, as is any other
    /// pair that we do not know.
    ///
    /// @throws SaslSyntaxException when it is none
    public static BearerMessage parse(ByteBuffer octets) throws SaslSyntaxException {
        String text = SaslText.utf8(octets);
        int end = text.indexOf(SEPARATOR);
        if (end < 0) {
            throw new SaslSyntaxException("a message of OAUTHBEARER is a GS2 header and pairs");
        }
        Gs2Header header = Gs2Header.parse(text.substring(0, end));
        if (!header.text().equals(text.substring(0, end))) {
            throw new SaslSyntaxException("only pairs follow the GS2 header");
        }
        return new BearerMessage(header.authorization(), token(text, end + 1));
    }

    /// Reads a message of `XOAUTH2`.
    ///
    /// @throws SaslSyntaxException when it is none
    public static BearerMessage parseXoauth2(ByteBuffer octets) throws SaslSyntaxException {
        String text = SaslText.utf8(octets);
        int end = text.indexOf(SEPARATOR);
        if (end < 0 || !text.startsWith("user=")) {
            throw new SaslSyntaxException("a message of XOAUTH2 begins with user=");
        }
        String user = text.substring("user=".length(), end);
        return new BearerMessage(
                Optional.of(user).filter(it -> !it.isEmpty()), token(text, end + 1));
    }

    /// Finds the token among pairs, each of which a separator ends, and all of them another.
    private static String token(String text, int start) throws SaslSyntaxException {
        String token = "";
        int at = start;
        int end = text.indexOf(SEPARATOR, at);
        while (end > at) {
            String pair = text.substring(at, end);
            if (pair.regionMatches(true, 0, "auth=", 0, 5)) {
                if (!token.isEmpty()) {
                    throw new SaslSyntaxException("there is one auth pair");
                }
                token = bearer(pair.substring(5));
            } else if (pair.indexOf('=') < 1) {
                throw new SaslSyntaxException("a pair is key=value");
            }
            at = end + 1;
            end = text.indexOf(SEPARATOR, at);
        }
        if (end != at || end != text.length() - 1 || token.isEmpty()) {
            throw new SaslSyntaxException("pairs end with an empty one, and auth is among them");
        }
        return token;
    }

    private static String bearer(String value) throws SaslSyntaxException {
        String token =
                value.regionMatches(true, 0, SCHEME, 0, SCHEME.length())
                        ? value.substring(SCHEME.length()).strip()
                        : "";
        if (token.isEmpty() || token.chars().anyMatch(c -> c <= ' ' || c >= 0x7f)) {
            throw new SaslSyntaxException("auth is Bearer and a token");
        }
        return token;
    }

    /// Writes it for `OAUTHBEARER`.
    public ByteBuffer octets() {
        return SaslText.octetsOf(
                new Gs2Header(Gs2Header.Binding.NONE, name).text() + SEPARATOR + auth());
    }

    /// Writes it for `XOAUTH2`.
    public ByteBuffer xoauth2() {
        return SaslText.octetsOf("user=" + name.orElse("") + SEPARATOR + auth());
    }

    private String auth() {
        return "auth=" + SCHEME + token + SEPARATOR + SEPARATOR;
    }

    /// Returns the name alone: tokens do not belong into logs.
    @Override
    public String toString() {
        return "token of " + name.orElse("somebody");
    }
}
