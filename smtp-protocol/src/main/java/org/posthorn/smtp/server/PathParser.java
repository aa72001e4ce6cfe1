package org.posthorn.smtp.server;

import org.posthorn.api.mail.Domain;
import org.posthorn.api.mail.MailSyntaxException;
import org.posthorn.api.mail.Mailbox;
import org.posthorn.api.mail.ReversePath;

/// The paths of `MAIL` and `RCPT` (RFC 5321 §4.1.2, RFC 6531 §3.3).
final class PathParser {
    /// With the angle brackets (RFC 5321 §4.5.3.1.3).
    private static final int MAX_LENGTH = 256;

    private PathParser() {}

    /// Returns the index behind the `>` that ends the path at the start of the text.
    ///
    /// @throws MailSyntaxException when there is no path
    static int end(String text, int start) {
        require(start < text.length() && text.charAt(start) == '<', "a path begins with <");
        boolean quoted = false;
        for (int i = start + 1; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '\\' && quoted) {
                i++;
            } else if (c == '"') {
                quoted = !quoted;
            } else if (c == '>' && !quoted) {
                return i + 1;
            }
        }
        throw new MailSyntaxException("a path ends with >");
    }

    /// Reads a path with its angle brackets, as `MAIL` has it.
    ///
    /// @throws MailSyntaxException when it is none
    static ReversePath reverse(String path) {
        return path.equals("<>") ? ReversePath.NULL : ReversePath.of(mailbox(path));
    }

    /// Reads a path with its angle brackets, as `RCPT` has it.
    ///
    /// @throws MailSyntaxException when it is none
    static ForwardPath forward(String path) {
        return path.equalsIgnoreCase("<postmaster>")
                ? new ForwardPath.Postmaster()
                : new ForwardPath.To(mailbox(path));
    }

    private static Mailbox mailbox(String path) {
        require(path.length() <= MAX_LENGTH, "a path has at most 256 octets");
        int start = path.charAt(1) == '@' ? behindRoute(path) : 1;
        return Mailbox.parse(path.substring(start, path.length() - 1));
    }

    /// Checks a source route, `@a.example,@b.example:`, and returns the index behind it.
    private static int behindRoute(String path) {
        int start = 1;
        while (true) {
            require(path.charAt(start) == '@', "a source route lists domains, each behind an @");
            int end = endOfHop(path, start);
            Domain.parse(path.substring(start + 1, end));
            start = end + 1;
            if (path.charAt(end) == ':') {
                return start;
            }
        }
    }

    private static int endOfHop(String path, int start) {
        boolean literal = false;
        for (int i = start; i < path.length() - 1; i++) {
            char c = path.charAt(i);
            if (c == '[' || c == ']') {
                literal = c == '[';
            } else if (!literal && (c == ',' || c == ':')) {
                return i;
            }
        }
        throw new MailSyntaxException("a source route ends with a colon");
    }

    private static void require(boolean holds, String rule) {
        if (!holds) {
            throw new MailSyntaxException(rule);
        }
    }
}
