package org.posthorn.api.mail;

import java.util.EnumSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/// Of what the sender wants to be told about one recipient: the parameter `NOTIFY` of `RCPT` (RFC
/// 3461 §4.1).
public enum Notify {
    /// That it was delivered.
    SUCCESS,
    /// That it was given up.
    FAILURE,
    /// That it takes longer than usual.
    DELAY;

    /// Reads the value of `NOTIFY`.
    ///
    /// @return what is wanted; nothing at all for `NEVER`
    /// @throws MailSyntaxException when it is none
    public static Set<Notify> parse(String value) {
        Set<Notify> wanted = EnumSet.noneOf(Notify.class);
        if (value.equalsIgnoreCase("NEVER")) {
            return wanted;
        }
        for (String word : value.toUpperCase(Locale.ROOT).split(",", -1)) {
            switch (word) {
                case "SUCCESS" -> wanted.add(SUCCESS);
                case "FAILURE" -> wanted.add(FAILURE);
                case "DELAY" -> wanted.add(DELAY);
                default ->
                        throw new MailSyntaxException(
                                "NOTIFY is NEVER, or some of SUCCESS, FAILURE and DELAY");
            }
        }
        return wanted;
    }

    /// Returns what is wanted for a recipient: where nothing was said, to be told of failures and
    /// delays.
    public static Set<Notify> of(Recipient recipient) {
        Optional<Set<Notify>> wanted =
                Understood.of(recipient.parameters().value("NOTIFY"), Notify::parse);
        return wanted.orElseGet(() -> EnumSet.of(FAILURE, DELAY));
    }
}
