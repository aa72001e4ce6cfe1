package org.posthorn.api.mail;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/// Text inside a parameter's value: what could not stand there is `+` and two hexadecimal digits
/// (RFC 3461 §4); in UTF-8 where text is not ASCII.
public final class Xtext {
    private Xtext() {}

    /// Returns text as it stands in a parameter.
    public static String encode(String text) {
        StringBuilder encoded = new StringBuilder(text.length());
        for (byte octet : text.getBytes(StandardCharsets.UTF_8)) {
            if (octet > ' ' && octet < 0x7f && octet != '+' && octet != '=') {
                encoded.append((char) octet);
            } else {
                encoded.append("+%02X".formatted(octet & 0xff));
            }
        }
        return encoded.toString();
    }

    /// Reads text from a parameter. Whether it may be shown is the caller's to judge: it may have
    /// controls.
    ///
    /// @throws MailSyntaxException when a `+` is not followed by two hexadecimal digits in upper
    /// case, or anything stands there that must be encoded
    public static String decode(String encoded) {
        var text = new ByteArrayOutputStream(encoded.length());
        byte[] octets = encoded.getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < octets.length; i++) {
            if (octets[i] != '+') {
                AddressSyntax.check(
                        octets[i] < 0 || octets[i] > ' ' && octets[i] < 0x7f && octets[i] != '=',
                        "xtext has no spaces, controls or equals signs");
                text.write(octets[i]);
            } else {
                AddressSyntax.check(
                        i + 2 < octets.length
                                && digit(octets[i + 1]) >= 0
                                && digit(octets[i + 2]) >= 0,
                        "in xtext, two hexadecimal digits in upper case follow a +");
                text.write(digit(octets[i + 1]) << 4 | digit(octets[i + 2]));
                i += 2;
            }
        }
        return text.toString(StandardCharsets.UTF_8);
    }

    private static int digit(byte octet) {
        return "0123456789ABCDEF".indexOf(octet);
    }
}
