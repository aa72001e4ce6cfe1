package org.posthorn.delivery;

import org.posthorn.delivery.ShapingConfig.Each;

import java.util.List;
import java.util.Optional;

/// A [ShapingConfig], ready for use. Immutable.
///
/// @param name as operators know it: `provider google`, `shaping 2`
record Shape(
        String name,
        List<NamePattern> mx,
        List<DomainPattern> destinations,
        List<NamePattern> senders,
        List<String> tenants,
        List<String> sources,
        Each each,
        Optional<Integer> connections,
        Optional<Rate> connectionRate,
        Optional<Integer> messagesPerConnection,
        Optional<Rate> messageRate,
        Optional<Integer> recipients,
        List<DeliveryWindow> windows,
        List<ReplyRule> replies) {

    static Shape of(String name, ShapingConfig config) {
        return new Shape(
                name,
                config.mx().stream().map(it -> NamePattern.host("mx", it)).toList(),
                config.destinations().stream().map(DomainPattern::parse).toList(),
                config.senders().stream().map(it -> NamePattern.sender("senders", it)).toList(),
                config.tenants(),
                config.sources(),
                config.each(),
                config.connections(),
                config.connectionRate().map(it -> Rate.parse("connection-rate", it)),
                config.messagesPerConnection(),
                config.messageRate().map(it -> Rate.parse("message-rate", it)),
                config.recipients(),
                config.windows().stream().map(DeliveryWindow::parse).toList(),
                config.replies().stream().map(ReplyRule::of).toList());
    }

    /// Tells whether it is for some mail.
    boolean isFor(Traffic traffic) {
        return (mx.isEmpty()
                        || mx.stream()
                                .anyMatch(it -> traffic.hosts().stream().anyMatch(it::matches)))
                && (destinations.isEmpty()
                        || destinations.stream().anyMatch(it -> it.matches(traffic.destination())))
                && (senders.isEmpty()
                        || senders.stream()
                                .anyMatch(it -> it.matches(traffic.sender().orElse("<>"))))
                && (tenants.isEmpty() || traffic.tenant().filter(tenants::contains).isPresent())
                && (sources.isEmpty() || traffic.source().filter(sources::contains).isPresent());
    }

    /// Tells whether it is for all mail to a site.
    boolean isForAllOf(List<String> hosts) {
        return destinations.isEmpty()
                && senders.isEmpty()
                && tenants.isEmpty()
                && sources.isEmpty()
                && (mx.isEmpty()
                        || mx.stream().anyMatch(it -> hosts.stream().anyMatch(it::matches)));
    }

    /// Returns what its counts for some mail are kept under.
    String key(Traffic traffic) {
        return name
                + "\n"
                + switch (each) {
                    case ALL -> "";
                    case SITE -> traffic.site();
                    case DESTINATION -> traffic.destination().ascii();
                    case SENDER -> traffic.sender().orElse("<>");
                    case TENANT -> traffic.tenant().orElse("");
                    case SOURCE -> traffic.source().orElse("");
                };
    }
}
