package org.posthorn.delivery;

import org.posthorn.api.smtp.Reply;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What stands behind `error:` of a route, as with Postfix's error(8): `5.1.1 No such user here`,
/// `4.2.1 Moving house`, or a text alone.
final class ErrorText {
    private static final Pattern FORM =
            Pattern.compile(
                    "\\s*(?:(?<status>[45]\\.\\d{1,3}\\.\\d{1,3})\\s+)?(?<text>\\S.*?)\\s*");

    private ErrorText() {}

    /// Reads it.
    ///
    /// @throws IllegalArgumentException when there is no text, or it has more than ASCII
    static Reply parse(String text) {
        Matcher parts = FORM.matcher(text);
        if (!parts.matches() || !text.chars().allMatch(it -> it >= ' ' && it < 0x7f)) {
            throw new IllegalArgumentException(
                    "to: 'error:"
                            + text
                            + "' is no error: expected error:5.1.1 and a text in ASCII");
        }
        String status = parts.group("status");
        boolean later = status != null && status.startsWith("4");
        return Reply.of(later ? 450 : 550, status == null ? "5.0.0" : status, parts.group("text"));
    }
}
