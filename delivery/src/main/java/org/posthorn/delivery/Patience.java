package org.posthorn.delivery;

import java.util.regex.Pattern;

/// A text that can be looked at a bounded number of times: so an expression of an operator cannot
/// be kept busy for ever by what a stranger says. For one thread.
final class Patience implements CharSequence {
    private static final int MOST = 1_000_000;

    private final CharSequence text;
    private int looks;

    Patience(CharSequence text) {
        this.text = text;
    }

    /// Tells whether an expression is found in a text; not, where that takes too long to say.
    static boolean finds(Pattern expression, String text) {
        try {
            return expression.matcher(new Patience(text)).find();
        } catch (LostException e) {
            return false;
        }
    }

    /// It was looked at too often.
    private static final class LostException extends RuntimeException {
        private static final long serialVersionUID = 1;

        LostException() {
            super("an expression takes too long for a reply", null, false, false);
        }
    }

    @Override
    public char charAt(int index) {
        if (++looks > MOST) {
            throw new LostException();
        }
        return text.charAt(index);
    }

    @Override
    public int length() {
        return text.length();
    }

    @Override
    public CharSequence subSequence(int start, int end) {
        return text.subSequence(start, end);
    }

    @Override
    public String toString() {
        return text.toString();
    }
}
