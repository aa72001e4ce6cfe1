package org.posthorn.api.smtp;

import java.util.List;
import java.util.Optional;

/// A reply of an SMTP server: code, enhanced status, text (RFC 5321 §4.2, RFC 2034). Immutable.
///
/// @param code 200 to 599
/// @param status the enhanced status; absent only where RFC 2034 has none: greetings, `EHLO`, and
/// 3xx
/// @param lines the text, at least one line, without code and status
public record Reply(int code, Optional<EnhancedStatus> status, List<String> lines) {

    /// Checks that the parts fit each other.
    ///
    /// @throws IllegalArgumentException when the code is out of range, the status is of another
    /// kind, or a line has a control character
    public Reply {
        lines = List.copyOf(lines);
        if (code < 200 || code > 599) {
            throw new IllegalArgumentException("a reply code is 200 to 599: " + code);
        }
        if (status.isPresent() && status.get().kind() != code / 100) {
            throw new IllegalArgumentException(
                    "status " + status.get() + " does not go with code " + code);
        }
        if (lines.isEmpty() || lines.stream().anyMatch(Reply::hasControls)) {
            throw new IllegalArgumentException(
                    "a reply has one or more lines of text without control characters");
        }
    }

    private static boolean hasControls(String line) {
        return line.chars().anyMatch(c -> c < 0x20 && c != '\t' || c == 0x7f);
    }

    /// Makes a reply of one line.
    ///
    /// @param code such as 550
    /// @param status such as `5.7.1`
    /// @param text what a person reads
    /// @throws IllegalArgumentException when the parts do not fit each other
    public static Reply of(int code, String status, String text) {
        return new Reply(
                code,
                Optional.of(
                        EnhancedStatus.parse(status)
                                .orElseThrow(
                                        () ->
                                                new IllegalArgumentException(
                                                        "not an enhanced status: " + status))),
                List.of(text));
    }

    /// Makes a reply of one line where RFC 2034 has no enhanced status.
    ///
    /// @throws IllegalArgumentException when the parts do not fit each other
    public static Reply plain(int code, String text) {
        return new Reply(code, Optional.empty(), List.of(text));
    }

    /// Returns this reply without its enhanced status, for those who do not know of it.
    public Reply withoutStatus() {
        return status.isEmpty() ? this : new Reply(code, Optional.empty(), lines);
    }

    /// Tells whether the command succeeded: 2xx.
    public boolean isSuccess() {
        return code / 100 == 2;
    }

    /// Tells whether trying later may succeed: 4xx.
    public boolean isTransient() {
        return code / 100 == 4;
    }

    /// Tells whether trying again is pointless: 5xx.
    public boolean isPermanent() {
        return code / 100 == 5;
    }

    /// Returns the text as one line.
    public String text() {
        return String.join(" ", lines);
    }

    /// Returns code, status and text on one line, as it stands in logs and bounces.
    @Override
    public String toString() {
        return code + status.map(s -> " " + s).orElse("") + " " + text();
    }
}
