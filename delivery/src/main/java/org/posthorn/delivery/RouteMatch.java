package org.posthorn.delivery;

import org.posthorn.api.mail.Domain;
import org.posthorn.api.mail.Mailbox;
import org.posthorn.api.mail.ReversePath;

import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/// What a route is for: [RouteConditions] and its domains, ready for use. Immutable.
///
/// @param domains one of which is the recipient's
/// @param recipients one of which is the recipient, unless there are none; likewise the others
/// @param senders the sender
/// @param listeners the listener that took the mail
/// @param facts all of which hold
record RouteMatch(
        List<DomainPattern> domains,
        List<MailboxPattern> recipients,
        List<MailboxPattern> senders,
        List<String> listeners,
        List<Fact> facts) {

    /// What is known of a message where it needs a route.
    ///
    /// @param sender from whom
    /// @param metadata its facts
    record Mail(ReversePath sender, Map<String, String> metadata) {}

    /// A fact that must be so.
    ///
    /// @param name its name
    /// @param value what it must be; `*` for whatever it is
    record Fact(String name, String value) {

        /// Reads `name=value`.
        ///
        /// @throws IllegalArgumentException when it is nothing like that
        static Fact parse(String text) {
            int equals = text.indexOf('=');
            if (equals < 1 || equals == text.length() - 1) {
                throw new IllegalArgumentException(
                        "metadata: '"
                                + text
                                + "' is no fact: expected name=value, or name=* for any value");
            }
            return new Fact(text.substring(0, equals), text.substring(equals + 1));
        }

        boolean holds(Map<String, String> metadata) {
            String found = metadata.getOrDefault(name, "");
            return value.equals("*") ? !found.isEmpty() : found.equalsIgnoreCase(value);
        }
    }

    static RouteMatch of(RouteConfig route) {
        RouteConditions when = route.when().orElse(RouteConditions.NONE);
        return new RouteMatch(
                route.domains().stream().map(DomainPattern::parse).toList(),
                patterns("recipients", when.recipients()),
                patterns("senders", when.senders()),
                when.listeners(),
                when.metadata().stream().map(Fact::parse).toList());
    }

    private static List<MailboxPattern> patterns(String setting, List<String> texts) {
        return texts.stream().map(it -> MailboxPattern.parse(setting, it)).toList();
    }

    boolean matches(Mailbox recipient, Mail mail) {
        return domains.stream().anyMatch(it -> it.matches(recipient.domain()))
                && any(recipients, it -> it.matches(recipient))
                && any(senders, it -> it.matches(mail.sender()))
                && any(listeners, it -> it.equals(mail.metadata().get("listener")))
                && facts.stream().allMatch(it -> it.holds(mail.metadata()));
    }

    /// Tells whether all mail for a domain matches.
    boolean isOfAll(Domain domain) {
        return domains.stream().anyMatch(it -> it.matches(domain))
                && recipients.isEmpty()
                && senders.isEmpty()
                && listeners.isEmpty()
                && facts.isEmpty();
    }

    private static <T> boolean any(List<T> patterns, Predicate<T> matches) {
        return patterns.isEmpty() || patterns.stream().anyMatch(matches);
    }
}
