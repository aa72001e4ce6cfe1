package org.posthorn.delivery;

/// Makes lines of mail of what anybody may have said.
final class Folding {
    private static final int WIDTH = 76;
    private static final int MAX_WORD = 900;

    private Folding() {}

    /// Breaks text into lines at spaces, and words that are too long for a line of mail at any
    /// place. Controls are replaced, and what is not ASCII where it cannot stand.
    ///
    /// @param indent begins each line but the first
    /// @param utf8 whether UTF-8 can stand there
    static String folded(String text, String indent, boolean utf8) {
        StringBuilder lines = new StringBuilder();
        int column = 0;
        for (String word : shown(text, utf8).split(" ", -1)) {
            for (int from = 0; from == 0 || from < word.length(); from += MAX_WORD) {
                String piece = word.substring(from, Math.min(word.length(), from + MAX_WORD));
                if (column > 0 && (from > 0 || column + 1 + piece.length() > WIDTH)) {
                    lines.append("\r\n").append(indent).append(piece);
                    column = indent.length() + piece.length();
                } else {
                    lines.append(column > 0 ? " " : "").append(piece);
                    column += (column > 0 ? 1 : 0) + piece.length();
                }
            }
        }
        return lines.append("\r\n").toString();
    }

    private static String shown(String text, boolean utf8) {
        StringBuilder shown = new StringBuilder(text.length());
        text.codePoints()
                .map(c -> Character.isISOControl(c) || c >= 0x80 && !utf8 ? '?' : c)
                .forEach(shown::appendCodePoint);
        return shown.toString();
    }
}
