package org.posthorn.api.mail;

import java.util.Locale;

/// What a sender declares of the octets of a message (RFC 6152, RFC 3030).
public enum BodyType {
    /// Lines of ASCII.
    SEVEN_BIT("7BIT"),
    /// Lines of any octets.
    EIGHT_BIT("8BITMIME"),
    /// Octets that need not be lines; never by `DATA`.
    BINARY("BINARYMIME");

    private final String keyword;

    BodyType(String keyword) {
        this.keyword = keyword;
    }

    /// Returns the value that stands behind `BODY=`.
    public String keyword() {
        return keyword;
    }

    /// Reads the value of `BODY=`, in any case.
    ///
    /// @throws MailSyntaxException when there is no such type
    public static BodyType of(String keyword) {
        for (BodyType type : values()) {
            if (type.keyword.equals(keyword.toUpperCase(Locale.ROOT))) {
                return type;
            }
        }
        throw new MailSyntaxException("BODY is 7BIT, 8BITMIME or BINARYMIME");
    }
}
