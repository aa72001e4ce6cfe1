package org.posthorn.server.assembly;

import org.posthorn.delivery.BouncesConfig;
import org.posthorn.delivery.DeliveryConfig;
import org.posthorn.delivery.RouteConfig;
import org.posthorn.delivery.Templates;
import org.posthorn.queue.QueueConfig;
import org.posthorn.server.config.Binder;
import org.posthorn.server.config.Block;
import org.posthorn.server.config.Problem;
import org.posthorn.server.config.Rest;
import org.posthorn.server.management.JmxConfig;
import org.posthorn.smtp.server.ListenerConfig;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/// What no single setting can be blamed for by itself.
///
/// Each check reads again what it needs: so it runs even where other settings are wrong.
final class CrossChecks {
    private final Block source;
    private final Binder binder;
    private final Consumer<Problem> problems;

    CrossChecks(Block source, Binder binder, Consumer<Problem> problems) {
        this.source = source;
        this.binder = binder;
        this.problems = problems;
    }

    private record Ports(Map<String, ListenerConfig> listeners, JmxConfig jmx, Rest rest) {}

    private record Certificate(Optional<TlsConfig> tls, Rest rest) {}

    private record Outgoing(Optional<DeliveryConfig> delivery, Rest rest) {}

    private record Reports(BouncesConfig bounces, Rest rest) {}

    private record Ways(List<RouteConfig> routes, Rest rest) {}

    private record Lifetimes(List<RouteConfig> routes, QueueConfig queue, Rest rest) {}

    void run() {
        read(Ports.class).ifPresent(this::portsDiffer);
        read(Certificate.class).flatMap(Certificate::tls).ifPresent(this::filesExist);
        read(Outgoing.class)
                .flatMap(Outgoing::delivery)
                .flatMap(DeliveryConfig::trustedCertificates)
                .ifPresent(it -> exists(source.block("delivery"), "trusted-certificates", it));
        read(Reports.class).ifPresent(it -> templatesAreSound(it.bounces()));
        read(Ways.class).ifPresent(ways -> secretsExist(ways.routes()));
        read(Lifetimes.class).ifPresent(it -> windowsOpenInTime(it.routes(), it.queue()));
    }

    private void templatesAreSound(BouncesConfig bounces) {
        Block block = source.block("bounces");
        if (bounces.templates().filter(it -> !Files.isDirectory(it)).isPresent()) {
            String where = bounces.templates().get().toString();
            problems.accept(block.problem("templates", "there is no directory at " + where));
            return;
        }
        Templates all =
                Templates.read(
                        bounces.templates(),
                        bounces.language(),
                        fault ->
                                problems.accept(
                                        new Problem(
                                                fault.file(),
                                                Math.max(fault.line(), 1),
                                                "",
                                                fault.text())));
        if (!all.knows(bounces.language())) {
            String text =
                    "no reports can be written in '%s'; there are %s"
                            .formatted(bounces.language(), String.join(", ", all.languages()));
            problems.accept(block.problem("language", text));
        }
    }

    private void secretsExist(List<RouteConfig> routes) {
        List<Block> blocks = source.blocks("routes");
        for (int i = 0; i < routes.size(); i++) {
            Block login = blocks.get(i).block("login");
            routes.get(i)
                    .login()
                    .ifPresent(
                            it -> {
                                it.passwordFile()
                                        .ifPresent(file -> exists(login, "password-file", file));
                                it.tokenFile().ifPresent(file -> exists(login, "token-file", file));
                            });
        }
    }

    private void windowsOpenInTime(List<RouteConfig> routes, QueueConfig queue) {
        List<Block> blocks = source.blocks("routes");
        for (int i = 0; i < routes.size(); i++) {
            try {
                routes.get(i).checkLifetime(queue.lifetime());
            } catch (IllegalArgumentException e) {
                String text = String.valueOf(e.getMessage());
                problems.accept(
                        blocks.get(i).problem("windows", text.substring(text.indexOf(' ') + 1)));
            }
        }
    }

    /// What is wrong with the settings themselves was told already.
    private <R extends Record> Optional<R> read(Class<R> type) {
        return binder.bind(source, type, told -> {});
    }

    private void portsDiffer(Ports ports) {
        Map<String, InetSocketAddress> taken = new LinkedHashMap<>();
        ports.listeners()
                .forEach(
                        (name, listener) -> {
                            Block block = source.block("listeners").block(name);
                            take("listeners." + name, listener.socketAddress(), block, taken);
                            listener.clientAuthorities()
                                    .ifPresent(file -> exists(block, "client-authorities", file));
                        });
        JmxConfig jmx = ports.jmx();
        take("jmx", new InetSocketAddress(jmx.address(), jmx.port()), source.block("jmx"), taken);
    }

    private void take(
            String name,
            InetSocketAddress address,
            Block block,
            Map<String, InetSocketAddress> taken) {
        taken.forEach(
                (other, theirs) -> {
                    if (clash(address, theirs)) {
                        problems.accept(
                                block.problem(
                                        "port",
                                        "port %d is taken by %s already: choose another"
                                                .formatted(address.getPort(), other)));
                    }
                });
        taken.put(name, address);
    }

    private static boolean clash(InetSocketAddress one, InetSocketAddress other) {
        return one.getPort() != 0
                && one.getPort() == other.getPort()
                && (covers(one.getAddress(), other.getAddress())
                        || covers(other.getAddress(), one.getAddress()));
    }

    /// `::` takes a port for IPv4, too.
    private static boolean covers(InetAddress one, InetAddress other) {
        return one.equals(other)
                || one.isAnyLocalAddress()
                        && (one instanceof Inet6Address || other instanceof Inet4Address);
    }

    private void filesExist(TlsConfig tls) {
        Block block = source.block("tls");
        exists(block, "certificate", tls.certificate());
        exists(block, "key", tls.key());
        List<Block> more = block.blocks("certificates");
        for (int i = 0; i < more.size(); i++) {
            exists(more.get(i), "certificate", tls.certificates().get(i).certificate());
            exists(more.get(i), "key", tls.certificates().get(i).key());
        }
    }

    private void exists(Block block, String key, Path file) {
        if (!Files.isReadable(file)) {
            problems.accept(block.problem(key, "there is no file to read at " + file));
        }
    }
}
