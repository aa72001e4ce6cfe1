package org.posthorn.server.command;

import org.jspecify.annotations.Nullable;
import org.posthorn.server.assembly.Configuration;
import org.posthorn.server.assembly.PosthornConfig;
import org.posthorn.server.assembly.Version;
import org.posthorn.server.log.LogConfig.MailLogTarget;
import org.posthorn.server.plugin.PluginBlock;
import org.posthorn.smtp.server.ListenerConfig;
import org.posthorn.smtp.server.ListenerConfig.Kind;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.stream.Collectors;

/// What the server says when it is ready: where mail comes in, where it goes, and how to try it.
final class StartText {
    private static final String ROW = "  %-10s %s%n";

    private StartText() {}

    static String of(Configuration configuration, Map<String, InetSocketAddress> listening) {
        PosthornConfig config = configuration.settings();
        StringBuilder text = new StringBuilder();
        text.append("posthorn %s is ready: %s%n".formatted(Version.TEXT, config.hostname()));
        listening.forEach(
                (name, address) ->
                        text.append(ROW.formatted("listens", name + " on " + written(address))));
        config.routes().stream()
                .map(route -> String.join(", ", route.domains()) + " -> " + route.to())
                .forEach(route -> text.append(ROW.formatted("routes", route)));
        text.append(ROW.formatted("plugins", plugins(configuration)));
        text.append(ROW.formatted("data", config.dataDirectory()));
        if (config.log().mail() == MailLogTarget.FILE) {
            text.append(ROW.formatted("mail log", config.log().mailFile()));
        }
        text.append(ROW.formatted("look", "posthorn status, posthorn queue list"));
        text.append(ROW.formatted("try", trial(config, listening)));
        return text.toString();
    }

    private static String plugins(Configuration configuration) {
        String names =
                configuration.plugins().stream()
                        .map(PluginBlock::instance)
                        .collect(Collectors.joining(", "));
        return names.isEmpty() ? "none: every recipient is refused" : names;
    }

    /// A first message, to a domain that the configuration names.
    private static String trial(PosthornConfig config, Map<String, InetSocketAddress> listening) {
        String domain =
                config.routes().stream()
                        .flatMap(route -> route.domains().stream())
                        .filter(name -> Character.isLetterOrDigit(name.charAt(0)))
                        .findFirst()
                        .orElse("example.org");
        InetSocketAddress address =
                listening.entrySet().stream()
                        .filter(it -> isForServers(config.listeners().get(it.getKey())))
                        .findFirst()
                        .or(() -> listening.entrySet().stream().findFirst())
                        .map(Map.Entry::getValue)
                        .orElseThrow();
        return "printf 'Subject: Hello\\n\\nHello.\\n' | curl smtp://"
                + reachable(address)
                + " --mail-from you@example.org --mail-rcpt postmaster@"
                + domain
                + " --crlf -T -";
    }

    private static boolean isForServers(@Nullable ListenerConfig listener) {
        return listener != null
                && listener.kind() == Kind.SMTP
                && listener.tls() != ListenerConfig.Tls.IMPLICIT;
    }

    private static String reachable(InetSocketAddress address) {
        return address.getAddress().isAnyLocalAddress()
                ? written(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), address.getPort()))
                : written(address);
    }

    private static String written(InetSocketAddress address) {
        String host = address.getAddress().getHostAddress();
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + address.getPort();
    }
}
