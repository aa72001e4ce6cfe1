package org.posthorn.server.assembly;

import org.posthorn.api.config.Default;
import org.posthorn.api.config.Help;
import org.posthorn.api.mail.Domain;
import org.posthorn.delivery.BouncesConfig;
import org.posthorn.delivery.DeliveryConfig;
import org.posthorn.delivery.DnsConfig;
import org.posthorn.delivery.OutgoingTlsConfig;
import org.posthorn.delivery.RouteConfig;
import org.posthorn.queue.QueueConfig;
import org.posthorn.server.log.LogConfig;
import org.posthorn.server.management.JmxConfig;
import org.posthorn.server.plugin.PluginConfig;
import org.posthorn.smtp.server.AuthConfig;
import org.posthorn.smtp.server.ListenerConfig;
import org.posthorn.smtp.server.MessageLimits;
import org.posthorn.smtp.server.SmtpExtensions;
import org.posthorn.smtp.server.SmtpLimits;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// All of `posthorn.conf`. Immutable.
///
/// @param hostname our own name
/// @param dataDirectory where everything lives that the server writes
/// @param drainTimeout how long stopping may take
/// @param listeners the listeners by their names, in the order of the file; at least one
/// @param tls our certificate; without it, the server makes one
/// @param dns how names are looked up
/// @param smtp what a client may do to us
/// @param message which content is taken
/// @param extensions how far extensions of SMTP go
/// @param auth how clients may show who they are
/// @param routes where mail goes: the first that matches
/// @param queue how long mail is kept, and how often it is tried
/// @param delivery how mail is sent
/// @param outgoingTls what counts of what recipients' domains say and did
/// @param bounces what senders are told
/// @param jmx where the server is managed
/// @param log what is written down
/// @param plugins the plugins in the order in which they are asked
public record PosthornConfig(
        @Help("Our own name: in the greeting, in EHLO and in Received.") Domain.Name hostname,
        @Help("Directory for all that the server writes; the queue is in it. On a local disk.")
                @Default("data")
                Path dataDirectory,
        @Help(
                        """
                        How long stopping may take: sessions may finish the message that they are at, \
                        and deliveries that have begun may end.""")
                @Default("30s")
                Duration drainTimeout,
        @Help("Where mail comes in: any name, and a block for each.")
                Map<String, ListenerConfig> listeners,
        @Help(
                        """
                        Our certificate, for all listeners. Without this block the server makes one \
                        that nobody else vouches for, in `tls` of `data-directory`.""")
                Optional<TlsConfig> tls,
        @Help("How names are looked up.") DnsConfig dns,
        @Help("What a client may do.") SmtpLimits smtp,
        @Help("Which messages are taken.") MessageLimits message,
        @Help("How far extensions of SMTP go, and what is said to those who ask.")
                SmtpExtensions extensions,
        @Help("How clients may show who they are, where a listener asks them to.") AuthConfig auth,
        @Help("Where mail goes, by the recipient's domain: the first entry that matches.")
                List<RouteConfig> routes,
        @Help("How long mail is kept, and how often it is tried.") QueueConfig queue,
        @Help("How mail is sent.") DeliveryConfig delivery,
        @Help("What counts of what recipients' domains say of TLS, and of what they had.")
                OutgoingTlsConfig outgoingTls,
        @Help("What senders are told of their mail, and what becomes of that.")
                BouncesConfig bounces,
        @Help("Where the server is managed, by JMX: the other commands use it.") JmxConfig jmx,
        @Help("What is written down.") LogConfig log,
        @Help(
                        """
                        The plugins, asked in this order. Without one that vouches for a recipient, \
                        all mail is refused. Each has settings of its own besides these.""")
                @Default("[]")
                List<PluginConfig> plugins) {

    /// What stands in every configuration that does not say otherwise, so that other settings can
    /// be said relative to it.
    static final Map<String, String> BUILT_IN = Map.of("data-directory", "data");

    /// Copies the collections, and checks that mail can come in.
    ///
    /// @throws IllegalArgumentException when there is no listener
    public PosthornConfig {
        if (listeners.isEmpty()) {
            throw new IllegalArgumentException("listeners: name at least one");
        }
        listeners = Collections.unmodifiableMap(new LinkedHashMap<>(listeners));
        routes = List.copyOf(routes);
        plugins = List.copyOf(plugins);
    }
}
