package org.posthorn.delivery;

import org.posthorn.api.config.Default;
import org.posthorn.api.config.Help;

import java.util.List;
import java.util.Optional;

/// An entry of `delivery.shaping` or `delivery.providers`: limits, and what they are for.
/// Immutable.
///
/// An entry is for mail of which all holds that it names; one that names nothing is for all mail.
/// All entries that are for a message count.
///
/// @param mx hosts' names: `mx.example.org`, or `*.example.org` for all below it
/// @param destinations recipients' domains, as in `routes`
/// @param senders senders: `mona@example.org`, `*@example.org`, or `<>` for bounces
/// @param tenants whose mail it is (metadata `tenant`)
/// @param sources names of source pools
/// @param each what is counted by itself
/// @param connections connections at once
/// @param connectionRate connections opened in a time
/// @param messagesPerConnection messages in one connection
/// @param messageRate messages in a time
/// @param recipients recipients in one transaction
/// @param windows when mail may be sent
/// @param replies what is done about replies
public record ShapingConfig(
        @Help(
                        "For sites with such a mail exchanger, or for a route's server: mx.example.org, or *.example.org for all below it.")
                @Default("[]")
                List<String> mx,
        @Help("For recipients' domains: example.org, *.example.org for all below it, * for all.")
                @Default("[]")
                List<String> destinations,
        @Help("For senders: mona@example.org, *@example.org, or <> for bounces.") @Default("[]")
                List<String> senders,
        @Help("For tenants, where a plugin says whose a message is (metadata tenant).")
                @Default("[]")
                List<String> tenants,
        @Help("For pools of source addresses.") @Default("[]") List<String> sources,
        @Help(
                        "What is counted by itself: all counts everything together, the others each site, destination, sender, tenant or source that the entry is for.")
                @Default("site")
                Each each,
        @Help("Connections open at once, unused ones as well.") Optional<Integer> connections,
        @Help("Connections opened in a time, such as 10/s, 100/m or 1000/h.")
                Optional<String> connectionRate,
        @Help("Messages sent in one connection.") Optional<Integer> messagesPerConnection,
        @Help("Messages sent in a time, such as 10/s, 100/m or 1000/h.")
                Optional<String> messageRate,
        @Help("Recipients in one transaction.") Optional<Integer> recipients,
        @Help("When mail may be sent, as in routes.") @Default("[]") List<String> windows,
        @Help("What is done about replies: the first entry that fits.") @Default("[]")
                List<ReplyRuleConfig> replies) {

    /// What is counted by itself.
    public enum Each {
        /// Everything that the entry is for counts together.
        ALL,
        /// Each site.
        SITE,
        /// Each recipients' domain.
        DESTINATION,
        /// Each sender.
        SENDER,
        /// Each tenant.
        TENANT,
        /// Each pool of source addresses.
        SOURCE
    }

    /// Copies the lists, and checks that all can be understood.
    ///
    /// @throws IllegalArgumentException naming the setting, what was expected and what was found
    public ShapingConfig {
        mx = List.copyOf(mx);
        destinations = List.copyOf(destinations);
        senders = List.copyOf(senders);
        tenants = List.copyOf(tenants);
        sources = List.copyOf(sources);
        windows = List.copyOf(windows);
        replies = List.copyOf(replies);
        mx.forEach(it -> NamePattern.host("mx", it));
        destinations.forEach(DomainPattern::parse);
        senders.forEach(it -> NamePattern.sender("senders", it));
        connections.ifPresent(it -> positive("connections", it));
        connectionRate.ifPresent(it -> Rate.parse("connection-rate", it));
        messagesPerConnection.ifPresent(it -> positive("messages-per-connection", it));
        messageRate.ifPresent(it -> Rate.parse("message-rate", it));
        recipients.ifPresent(it -> positive("recipients", it));
        windows.forEach(DeliveryWindow::parse);
    }

    private static void positive(String setting, int value) {
        if (value < 1) {
            throw new IllegalArgumentException(setting + " must be at least 1, and is " + value);
        }
    }
}
