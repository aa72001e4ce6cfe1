package org.posthorn.testkit.dialogue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A reply of one or more lines, as a client hears it. Immutable.
///
/// @param code its three digits
/// @param lines what stands behind them
record Answer(String code, List<String> lines) {
    /// What a closed connection is called where a reply is expected.
    static final String CLOSED = "closed";

    /// Waits for a whole reply; nothing when the connection is closed.
    static Optional<Answer> read(Peer peer) throws IOException {
        List<String> lines = new ArrayList<>();
        while (true) {
            Optional<String> line = peer.line();
            if (line.isEmpty()) {
                return Optional.empty();
            }
            String text = line.get();
            if (!text.matches("\\d{3}([ -].*)?")) {
                throw new IOException("not a reply: " + text);
            }
            lines.add(text.substring(Math.min(4, text.length())));
            if (!text.startsWith("-", 3)) {
                return Optional.of(new Answer(text.substring(0, 3), lines));
            }
        }
    }

    /// Tells whether a reply, or the end of the connection, is what was expected.
    ///
    /// @param expected a code with the beginning of one of the lines, or [#CLOSED]
    static boolean fits(Optional<Answer> answer, String expected) {
        return answer.map(it -> it.code().equals(code(expected)) && it.has(text(expected)))
                .orElse(expected.equals(CLOSED));
    }

    private static String code(String expected) {
        return expected.substring(0, Math.min(3, expected.length()));
    }

    private static String text(String expected) {
        return expected.substring(Math.min(4, expected.length()));
    }

    boolean has(String text) {
        return lines.stream().anyMatch(line -> line.startsWith(text));
    }

    static String describe(Optional<Answer> answer) {
        return answer.map(Answer::toString).orElse("a closed connection");
    }
}
