package org.posthorn.delivery;

import org.posthorn.api.mail.Mailbox;
import org.posthorn.api.mail.ReversePath;

import java.util.Locale;
import java.util.Optional;

/// Addresses that a route is for: `leo@example.org`, `*@example.org`, `bounce-*@*.example.org`, or
/// `<>` for mail without a sender. Letters match in either case. Immutable.
sealed interface MailboxPattern {

    /// No address at all.
    record None() implements MailboxPattern {}

    /// Addresses.
    ///
    /// @param begin what the local part begins with
    /// @param end what it ends with behind that; nothing where there is no star: then it is no more
    ///     than its begin
    /// @param domain which domains
    record Some(String begin, Optional<String> end, DomainPattern domain)
            implements MailboxPattern {}

    /// Reads a pattern.
    ///
    /// @param setting what it stands in
    /// @throws IllegalArgumentException when it is none
    static MailboxPattern parse(String setting, String text) {
        if (text.equals("<>")) {
            return new None();
        }
        int at = text.lastIndexOf('@');
        String local = text.substring(0, Math.max(0, at)).toLowerCase(Locale.ROOT);
        int star = local.indexOf('*');
        if (local.isEmpty() || star != local.lastIndexOf('*')) {
            throw new IllegalArgumentException(
                    setting
                            + ": '"
                            + text
                            + "' is no address: expected leo@example.org, with one * in its local"
                            + " part for any text, or <> for no address");
        }
        try {
            DomainPattern domain = DomainPattern.parse(text.substring(at + 1));
            return star < 0
                    ? new Some(local, Optional.empty(), domain)
                    : new Some(
                            local.substring(0, star),
                            Optional.of(local.substring(star + 1)),
                            domain);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    setting + ": '" + text + "' has no domain, *.domain or * behind its @", e);
        }
    }

    default boolean matches(ReversePath path) {
        return path.mailbox().map(this::matches).orElse(this instanceof None);
    }

    default boolean matches(Mailbox mailbox) {
        return switch (this) {
            case None _ -> false;
            case Some(String begin, Optional<String> end, DomainPattern domain) ->
                    domain.matches(mailbox.domain())
                            && matches(mailbox.localPart().toLowerCase(Locale.ROOT), begin, end);
        };
    }

    private static boolean matches(String local, String begin, Optional<String> end) {
        return end.map(
                        it ->
                                local.length() >= begin.length() + it.length()
                                        && local.startsWith(begin)
                                        && local.endsWith(it))
                .orElse(local.equals(begin));
    }
}
