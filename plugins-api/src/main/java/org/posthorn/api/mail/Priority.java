package org.posthorn.api.mail;

/// How urgent a message is: the parameter `MT-PRIORITY` of `MAIL` (RFC 6710 §4).
public final class Priority {
    /// The most urgent.
    public static final int HIGHEST = 9;

    /// The least urgent.
    public static final int LOWEST = -9;

    /// What a message has that says nothing.
    public static final int NORMAL = 0;

    private Priority() {}

    /// Reads the value of `MT-PRIORITY`.
    ///
    /// @return -9 to 9
    /// @throws MailSyntaxException when it is none
    public static int parse(String value) {
        boolean negative = value.startsWith("-");
        String digit = negative ? value.substring(1) : value;
        boolean sound = digit.length() == 1 && digit.charAt(0) >= '0' && digit.charAt(0) <= '9';
        AddressSyntax.check(sound && !value.equals("-0"), "MT-PRIORITY is a number from -9 to 9");
        return Integer.parseInt(value);
    }

    /// Returns what a message's parameters say; normal where that cannot be understood.
    public static int of(Parameters mail) {
        return Understood.of(mail.value("MT-PRIORITY"), Priority::parse).orElse(NORMAL);
    }
}
