package org.posthorn.delivery;

import org.posthorn.api.mail.MailSyntaxException;
import org.posthorn.api.mail.Recipient;
import org.posthorn.api.mail.Xtext;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What senders gave for reports, as it stands in them (RFC 3461 §4.2 and §4.4, RFC 6533 §3).
final class Addresses {
    private static final Pattern ESCAPE = Pattern.compile("\\\\x\\{([0-9A-F]{2,6})}");

    private Addresses() {}

    /// Returns what xtext says, or nothing where it is none.
    static Optional<String> decoded(Optional<String> xtext) {
        try {
            return xtext.map(Xtext::decode);
        } catch (MailSyntaxException e) {
            return Optional.empty();
        }
    }

    /// Returns the address that the sender gave, with its type.
    ///
    /// @param utf8 whether the report may use UTF-8; otherwise such an address stays as it was
    ///     encoded
    static Optional<String> original(Recipient recipient, boolean utf8) {
        String given = recipient.parameters().value("ORCPT").orElse("");
        int semicolon = given.indexOf(';');
        if (semicolon < 1) {
            return Optional.empty();
        }
        String type = given.substring(0, semicolon);
        String address = given.substring(semicolon + 1);
        if (type.equalsIgnoreCase("utf-8")) {
            return Optional.of(type + "; " + (utf8 ? unescaped(address) : address));
        }
        return decoded(Optional.of(address)).map(text -> typed(type, text, address, utf8));
    }

    /// Postfix gives addresses in UTF-8 as `rfc822`, too.
    private static String typed(String type, String text, String encoded, boolean utf8) {
        if (text.chars().allMatch(c -> c < 0x80)) {
            return type + "; " + text;
        }
        return utf8 ? "utf-8; " + text : type + "; " + encoded;
    }

    /// Writes an address in ASCII (RFC 6533 §3: `utf-8-addr-xtext`).
    static String escaped(String address) {
        StringBuilder escaped = new StringBuilder();
        address.codePoints()
                .forEach(
                        c -> {
                            if (c > 0x20 && c < 0x7f && c != '\\' && c != '+' && c != '=') {
                                escaped.appendCodePoint(c);
                            } else {
                                escaped.append("\\x{%02X}".formatted(c));
                            }
                        });
        return escaped.toString();
    }

    private static String unescaped(String address) {
        return ESCAPE.matcher(address)
                .replaceAll(
                        match -> {
                            int point = Integer.parseInt(match.group(1), 16);
                            return Matcher.quoteReplacement(
                                    Character.isValidCodePoint(point)
                                            ? Character.toString(point)
                                            : match.group());
                        });
    }
}
