package org.posthorn.plugin.authdovecot;

/// How Dovecot's protocol writes characters that would end a value.
final class Escaping {
    private static final String MEANT = "\u0000\u0001\t\r\n";
    private static final String WRITTEN = "01trn";

    private Escaping() {}

    static String escape(String value) {
        StringBuilder escaped = new StringBuilder(value.length());
        for (int i = 0; i < value.length(); i++) {
            int which = MEANT.indexOf(value.charAt(i));
            if (which < 0) {
                escaped.append(value.charAt(i));
            } else {
                escaped.append('\u0001').append(WRITTEN.charAt(which));
            }
        }
        return escaped.toString();
    }

    static String unescape(String value) {
        StringBuilder plain = new StringBuilder(value.length());
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            int which =
                    c == '\u0001' && i + 1 < value.length()
                            ? WRITTEN.indexOf(value.charAt(i + 1))
                            : -1;
            if (which < 0) {
                plain.append(c);
            } else {
                plain.append(MEANT.charAt(which));
                i++;
            }
        }
        return plain.toString();
    }
}
