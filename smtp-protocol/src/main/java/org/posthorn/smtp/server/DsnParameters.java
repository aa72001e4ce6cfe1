package org.posthorn.smtp.server;

import org.jspecify.annotations.Nullable;
import org.posthorn.api.smtp.Reply;

import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/// The values of the parameters that ask for delivery status notifications (RFC 3461 §4, RFC 6533
/// §3). Each method returns what is wrong with one, or nothing.
final class DsnParameters {
    private static final int MAX_ENVID = 100;
    private static final int MAX_ORCPT = 500;
    private static final Set<String> EVENTS = Set.of("SUCCESS", "FAILURE", "DELAY");

    private DsnParameters() {}

    static @Nullable Reply ret(String value) {
        return value.equalsIgnoreCase("FULL") || value.equalsIgnoreCase("HDRS")
                ? null
                : Replies.badParameter("RET is FULL or HDRS");
    }

    static @Nullable Reply envid(String value) {
        return !value.isEmpty() && value.length() <= MAX_ENVID && isXtext(value, false)
                ? null
                : Replies.badParameter("ENVID is xtext of 1 to " + MAX_ENVID + " characters");
    }

    static @Nullable Reply notify(String value) {
        if (value.equalsIgnoreCase("NEVER")) {
            return null;
        }
        List<String> events = List.of(value.toUpperCase(Locale.ROOT).split(",", -1));
        return EVENTS.containsAll(events) && new HashSet<>(events).size() == events.size()
                ? null
                : Replies.badParameter(
                        "NOTIFY is NEVER, or a list of SUCCESS, FAILURE and DELAY with commas");
    }

    /// @param smtpUtf8 whether an address of type `utf-8` may have characters beyond ASCII as such
    static @Nullable Reply orcpt(String value, boolean smtpUtf8) {
        int semicolon = value.indexOf(';');
        boolean wide = smtpUtf8 && value.regionMatches(true, 0, "utf-8;", 0, 6);
        return value.length() <= MAX_ORCPT
                        && semicolon > 0
                        && isAtom(value.substring(0, semicolon))
                        && semicolon + 1 < value.length()
                        && isXtext(value.substring(semicolon + 1), wide)
                ? null
                : Replies.badParameter(
                        "ORCPT is type;address, the address in xtext, at most "
                                + MAX_ORCPT
                                + " characters");
    }

    private static boolean isAtom(String text) {
        return text.chars().allMatch(c -> c > ' ' && c < 0x7f && "()<>@,;:\\\"./[]".indexOf(c) < 0);
    }

    /// Tells whether a text is xtext of visible characters and spaces (RFC 3461 §4): what stands
    /// for another character is `+` and two digits, in upper case.
    static boolean isXtext(String text, boolean wide) {
        int at = 0;
        while (at < text.length()) {
            char c = text.charAt(at);
            if (c == '+') {
                int octet = at + 2 < text.length() ? hex(text, at + 1) : -1;
                if (octet < ' ' || octet > '~') {
                    return false;
                }
                at += 3;
            } else if (c <= ' ' || c == '=' || c == 0x7f || c > '~' && !wide) {
                return false;
            } else {
                at++;
            }
        }
        return true;
    }

    private static int hex(String text, int at) {
        int high = digit(text.charAt(at));
        int low = digit(text.charAt(at + 1));
        return high < 0 || low < 0 ? -1 : high << 4 | low;
    }

    private static int digit(char c) {
        return c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
    }
}
