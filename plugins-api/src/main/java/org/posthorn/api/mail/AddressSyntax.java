package org.posthorn.api.mail;

import java.net.IDN;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.regex.Pattern;

/// The grammar of addresses (RFC 5321 §4.1.2 and §4.1.3, RFC 6531 §3.3), used wherever one is read.
final class AddressSyntax {
    private static final int MAX_LABEL = 63;
    private static final int MAX_LOCAL_PART = 64;
    private static final String ATEXT_MARKS = "!#$%&'*+-/=?^_`{|}~";
    private static final Pattern IPV4 = Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}");
    private static final Pattern IPV6 = Pattern.compile("[0-9A-Fa-f:.]{2,45}");

    private AddressSyntax() {}

    /// Checks a lower-case domain name and returns it.
    static String domainName(String text) {
        check(!text.isEmpty(), "a domain is not empty");
        check(text.length() <= Domain.MAX_LENGTH, "a domain has at most 255 octets");
        boolean ascii = true;
        int start = 0;
        for (int i = 0; i <= text.length(); i++) {
            if (i == text.length() || text.charAt(i) == '.') {
                label(text, start, i);
                start = i + 1;
            } else {
                char c = text.charAt(i);
                ascii &= c < 0x80;
                check(
                        c >= 0x80 ? !isControl(c) : isLetDig(c) || c == '-' || c == '_',
                        "a domain has letters, digits and hyphens");
            }
        }
        if (!ascii) {
            internationalised(text);
        }
        return text;
    }

    private static void label(String text, int start, int end) {
        check(end > start, "a domain label is not empty");
        check(end - start <= MAX_LABEL, "a domain label has at most 63 octets");
        check(
                text.charAt(start) != '-' && text.charAt(end - 1) != '-',
                "a domain label does not begin or end with a hyphen");
    }

    private static void internationalised(String text) {
        try {
            check(
                    IDN.toASCII(text, IDN.ALLOW_UNASSIGNED).length() <= Domain.MAX_LENGTH,
                    "a domain has at most 255 octets as A-labels");
        } catch (IllegalArgumentException e) {
            throw new MailSyntaxException("an internationalised domain has a form as A-labels");
        }
    }

    /// Reads `[192.0.2.1]` or `[IPv6:2001:db8::1]`.
    static Domain literal(String text) {
        check(
                text.length() > 2 && text.startsWith("[") && text.endsWith("]"),
                "an address literal stands in brackets");
        String inner = text.substring(1, text.length() - 1);
        boolean v6 = inner.toLowerCase(Locale.ROOT).startsWith("ipv6:");
        String address = v6 ? inner.substring(5) : inner;
        check(
                (v6 ? IPV6 : IPV4).matcher(address).matches(),
                "an address literal is an IPv4 address, or IPv6: and an IPv6 address");
        try {
            return new Domain.Literal(InetAddress.getByName(address));
        } catch (UnknownHostException e) {
            throw new MailSyntaxException("an address literal holds an IP address");
        }
    }

    /// Checks the meaning of a local part (quoting removed) and returns it.
    static String localPart(String text) {
        check(!text.isEmpty(), "a local part is not empty");
        check(octets(text) <= MAX_LOCAL_PART, "a local part has at most 64 octets");
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            check(!isControl(c), "a local part has no control characters");
            if (Character.isHighSurrogate(c)
                    && i + 1 < text.length()
                    && Character.isLowSurrogate(text.charAt(i + 1))) {
                i++;
            } else {
                check(!Character.isSurrogate(c), "a local part is well-formed Unicode");
            }
        }
        return text;
    }

    private static int octets(String text) {
        return isAscii(text) ? text.length() : text.getBytes(StandardCharsets.UTF_8).length;
    }

    /// Tells whether all of a text is ASCII. A loop, since it is asked several times a message.
    static boolean isAscii(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) >= 0x80) {
                return false;
            }
        }
        return true;
    }

    /// Tells whether a local part can stand without quotes.
    static boolean isDotString(String text) {
        boolean dot = true;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '.') {
                if (dot) {
                    return false;
                }
                dot = true;
            } else if (isAtext(c)) {
                dot = false;
            } else {
                return false;
            }
        }
        return !dot;
    }

    static boolean isAtext(char c) {
        return isLetDig(c) || c >= 0x80 || ATEXT_MARKS.indexOf(c) >= 0;
    }

    private static boolean isLetDig(char c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9';
    }

    private static boolean isControl(int c) {
        return c < 0x20 || c >= 0x7f && c < 0xa0;
    }

    static void check(boolean holds, String rule) {
        if (!holds) {
            throw new MailSyntaxException(rule);
        }
    }
}
