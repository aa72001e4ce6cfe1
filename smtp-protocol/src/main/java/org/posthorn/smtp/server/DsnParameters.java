package org.posthorn.smtp.server;

import org.jspecify.annotations.Nullable;
import org.posthorn.api.mail.MailSyntaxException;
import org.posthorn.api.mail.Notify;
import org.posthorn.api.mail.Xtext;
import org.posthorn.api.smtp.Reply;

/// The values of the parameters that ask for delivery status notifications (RFC 3461 §4, RFC 6533
/// §3). Each method returns what is wrong with one, or nothing.
final class DsnParameters {
    private static final int MAX_ENVID = 100;
    private static final int MAX_ORCPT = 500;

    private DsnParameters() {}

    static @Nullable Reply ret(String value) {
        return value.equalsIgnoreCase("FULL") || value.equalsIgnoreCase("HDRS")
                ? null
                : Replies.badParameter("RET is FULL or HDRS");
    }

    static @Nullable Reply envid(String value) {
        return !value.isEmpty() && value.length() <= MAX_ENVID && isPrintable(value, false)
                ? null
                : Replies.badParameter("ENVID is xtext of 1 to " + MAX_ENVID + " characters");
    }

    static @Nullable Reply notify(String value) {
        try {
            Notify.parse(value);
            return null;
        } catch (MailSyntaxException e) {
            return Replies.badParameter(e.rule());
        }
    }

    /// Postfix sends such an address as `rfc822`, with the octets of its UTF-8 in xtext.
    ///
    /// @param smtpUtf8 whether an address may have characters beyond ASCII: one of type `utf-8` as
    ///     such, others in xtext
    static @Nullable Reply orcpt(String value, boolean smtpUtf8) {
        int semicolon = value.indexOf(';');
        boolean wide =
                smtpUtf8
                        && (value.regionMatches(true, 0, "utf-8;", 0, 6)
                                || value.chars().allMatch(c -> c < 0x80));
        return value.length() <= MAX_ORCPT
                        && semicolon > 0
                        && isAtom(value.substring(0, semicolon))
                        && semicolon + 1 < value.length()
                        && isPrintable(value.substring(semicolon + 1), wide)
                ? null
                : Replies.badParameter(
                        "ORCPT is type;address, the address in xtext, at most "
                                + MAX_ORCPT
                                + " characters");
    }

    private static boolean isAtom(String text) {
        return text.chars().allMatch(c -> c > ' ' && c < 0x7f && "()<>@,;:\\\"./[]".indexOf(c) < 0);
    }

    /// Tells whether a text is xtext, and stands for visible characters and spaces.
    static boolean isPrintable(String xtext, boolean wide) {
        try {
            return Xtext.decode(xtext)
                    .chars()
                    .allMatch(c -> c >= ' ' && c < 0x7f || wide && c >= 0xa0);
        } catch (MailSyntaxException e) {
            return false;
        }
    }
}
