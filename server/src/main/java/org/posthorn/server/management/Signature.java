package org.posthorn.server.management;

import static org.posthorn.server.log.UnsafeText.escaped;

import org.posthorn.queue.Operation;

import java.security.Principal;

import javax.security.auth.Subject;

/// Who does something, and why, as management says it.
final class Signature {
    private static final int LONGEST_NAME = 100;
    private static final int LONGEST_TEXT = 200;

    private Signature() {}

    /// Reads it.
    ///
    /// @param who the operator; empty for the one who is logged in
    /// @param why the reason; may be empty
    /// @throws IllegalArgumentException naming what is too long, or has control characters
    static Operation.By of(String who, String why) {
        return new Operation.By(
                checked("who", who.isEmpty() ? loggedIn() : who, LONGEST_NAME),
                checked("why", why, LONGEST_TEXT));
    }

    private static String loggedIn() {
        Subject subject = Subject.current();
        return subject == null
                ? "operator"
                : subject.getPrincipals().stream()
                        .map(Principal::getName)
                        .findFirst()
                        .orElse("operator");
    }

    /// Checks text of an operator.
    ///
    /// @throws IllegalArgumentException as the other method
    static String checked(String name, String text, int longest) {
        if (text.length() > longest) {
            throw new IllegalArgumentException(
                    "%s: at most %d characters, not %d".formatted(name, longest, text.length()));
        }
        if (!escaped(text).equals(text)) {
            throw new IllegalArgumentException(name + ": no control characters: " + escaped(text));
        }
        return text;
    }
}
