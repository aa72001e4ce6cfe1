package org.posthorn.smtp.server;

import org.jspecify.annotations.Nullable;
import org.posthorn.api.config.ByteSize;
import org.posthorn.api.mail.Mailbox;
import org.posthorn.api.mail.Parameters;
import org.posthorn.api.smtp.Reply;

import java.util.LinkedHashMap;
import java.util.Map;

/// What the parameters of `MAIL` and `RCPT` mean that we offer: `SIZE` (RFC 1870), `BODY` (RFC
/// 6152) and `SMTPUTF8` (RFC 6531).
final class MailParameters {
    private static final int SIZE_DIGITS = 20;

    private MailParameters() {}

    /// Returns what is wrong with them, or nothing when all is well.
    static @Nullable Reply check(Command.Mail mail, ByteSize maxSize) {
        for (Map.Entry<String, String> parameter : mail.parameters().values().entrySet()) {
            Reply unfit = check(parameter.getKey(), parameter.getValue(), maxSize);
            if (unfit != null) {
                return unfit;
            }
        }
        boolean unicode = mail.from().mailbox().filter(MailParameters::isUnicode).isPresent();
        return unicode && !mail.parameters().smtpUtf8() ? Replies.NEEDS_SMTPUTF8 : null;
    }

    private static @Nullable Reply check(String keyword, String value, ByteSize maxSize) {
        return switch (keyword) {
            case "SIZE" -> checkSize(value, maxSize);
            case "BODY" ->
                    value.equalsIgnoreCase("7BIT") || value.equalsIgnoreCase("8BITMIME")
                            ? null
                            : Replies.badParameter("BODY is 7BIT or 8BITMIME");
            case "SMTPUTF8" ->
                    value.isEmpty() ? null : Replies.badParameter("SMTPUTF8 has no value");
            default -> Replies.unknownParameter(keyword);
        };
    }

    private static @Nullable Reply checkSize(String value, ByteSize maxSize) {
        boolean digits = !value.isEmpty() && value.chars().allMatch(c -> c >= '0' && c <= '9');
        if (!digits || value.length() > SIZE_DIGITS) {
            return Replies.badParameter("SIZE is a number of octets");
        }
        return number(value) > maxSize.bytes() ? Replies.TOO_BIG : null;
    }

    private static long number(String digits) {
        return digits.length() > 18 ? Long.MAX_VALUE : Long.parseLong(digits);
    }

    /// Returns what is wrong with a recipient, or nothing when all is well.
    ///
    /// @param mail the parameters of its `MAIL`
    static @Nullable Reply check(Command.Rcpt rcpt, Parameters mail) {
        for (String keyword : rcpt.parameters().values().keySet()) {
            return Replies.unknownParameter(keyword);
        }
        return rcpt.to() instanceof ForwardPath.To(var mailbox)
                        && isUnicode(mailbox)
                        && !mail.smtpUtf8()
                ? Replies.NEEDS_SMTPUTF8
                : null;
    }

    /// Returns what `SIZE` says, or 0.
    static long size(Parameters parameters) {
        return parameters.value("SIZE").map(MailParameters::number).orElse(0L);
    }

    /// Returns the parameters that travel with the mail: `SIZE` is said anew on each hop.
    static Parameters lasting(Parameters parameters) {
        if (!parameters.has("SIZE")) {
            return parameters;
        }
        Map<String, String> rest = new LinkedHashMap<>(parameters.values());
        rest.remove("SIZE");
        return rest.isEmpty() ? Parameters.NONE : new Parameters(rest);
    }

    private static boolean isUnicode(Mailbox mailbox) {
        return mailbox.needsSmtpUtf8() || !isAscii(mailbox.domain().toString());
    }

    private static boolean isAscii(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) >= 0x80) {
                return false;
            }
        }
        return true;
    }
}
