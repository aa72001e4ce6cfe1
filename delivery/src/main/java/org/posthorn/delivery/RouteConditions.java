package org.posthorn.delivery;

import org.posthorn.api.config.Default;
import org.posthorn.api.config.Help;

import java.util.List;

/// The `when` block of a route: what must hold of mail besides its recipients' domains. Of each
/// list that is there, one entry must match. Immutable.
///
/// @param recipients recipients' addresses
/// @param senders the envelope's sender
/// @param listeners the listener that took the mail
/// @param metadata facts of the message, such as `tenant=acme` or `authenticated=*`
public record RouteConditions(
        @Help("Recipients: leo@example.org, *@example.org, list-*@example.org.") @Default("[]")
                List<String> recipients,
        @Help("Senders, likewise; <> is mail without one, as bounces are.") @Default("[]")
                List<String> senders,
        @Help("Names of the listeners that took the mail.") @Default("[]") List<String> listeners,
        @Help(
                        "Facts of the message, such as tenant=acme, client=192.0.2.1 or authenticated=*; all of them must hold.")
                @Default("[]")
                List<String> metadata) {

    /// What always holds.
    static final RouteConditions NONE =
            new RouteConditions(List.of(), List.of(), List.of(), List.of());

    /// Checks that all can be understood.
    ///
    /// @throws IllegalArgumentException naming the setting, what was expected and what was found
    public RouteConditions {
        recipients = List.copyOf(recipients);
        senders = List.copyOf(senders);
        listeners = List.copyOf(listeners);
        metadata = List.copyOf(metadata);
        recipients.forEach(it -> MailboxPattern.parse("recipients", it));
        senders.forEach(it -> MailboxPattern.parse("senders", it));
        metadata.forEach(RouteMatch.Fact::parse);
    }
}
