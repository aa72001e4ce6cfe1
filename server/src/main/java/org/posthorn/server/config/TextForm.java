package org.posthorn.server.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigValueFactory;

import org.posthorn.api.config.ByteSize;
import org.posthorn.api.mail.Domain;
import org.posthorn.api.mail.Mailbox;
import org.posthorn.api.net.Network;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;

/// How values of one type are written in a configuration.
///
/// @param words what an operator calls it, with an article, such as `a duration such as 30s`
/// @param parse makes a value of the text
record TextForm(String words, Function<String, Object> parse) {
    private static final int MAX_PORT = 65_535;

    /// Far below where a number of nanoseconds overflows, and beyond what anybody can mean.
    private static final Duration MAX_DURATION = Duration.ofDays(36_500);

    private static final TextForm TEXT = new TextForm("a text", text -> text);
    private static final TextForm WHOLE = new TextForm("a whole number", Integer::parseInt);
    private static final TextForm LONG = new TextForm("a whole number", Long::parseLong);
    private static final TextForm NUMBER = new TextForm("a number", Double::parseDouble);
    private static final TextForm BOOLEAN = new TextForm("true or false", TextForm::bool);

    private static final Map<Class<?>, TextForm> FORMS =
            Map.ofEntries(
                    Map.entry(String.class, TEXT),
                    Map.entry(int.class, WHOLE),
                    Map.entry(Integer.class, WHOLE),
                    Map.entry(long.class, LONG),
                    Map.entry(Long.class, LONG),
                    Map.entry(double.class, NUMBER),
                    Map.entry(Double.class, NUMBER),
                    Map.entry(boolean.class, BOOLEAN),
                    Map.entry(Boolean.class, BOOLEAN),
                    Map.entry(
                            Duration.class,
                            new TextForm(
                                    "a duration such as 30s, 5m, 4h or 5d", TextForm::duration)),
                    Map.entry(
                            ByteSize.class,
                            new TextForm("a size such as 64KiB or 50MiB", TextForm::size)),
                    Map.entry(
                            InetAddress.class,
                            new TextForm(
                                    "an IP address such as 192.0.2.1 or ::1",
                                    InetAddress::ofLiteral)),
                    Map.entry(
                            InetSocketAddress.class,
                            new TextForm(
                                    "an IP address with a port such as 192.0.2.1:53 or [::1]:53",
                                    TextForm::socketAddress)),
                    Map.entry(
                            Network.class,
                            new TextForm(
                                    "a network such as 192.0.2.0/24 or 2001:db8::/32",
                                    Network::parse)),
                    Map.entry(
                            Domain.class,
                            new TextForm("a domain such as example.org", Domain::parse)),
                    Map.entry(
                            Domain.Name.class,
                            new TextForm("a host name such as mx.example.org", Domain.Name::new)),
                    Map.entry(
                            Mailbox.class,
                            new TextForm("a mailbox such as mona@example.org", Mailbox::parse)));

    /// Tells whether values of a type are written as text.
    static boolean isKnown(Class<?> type) {
        return type == Path.class || type.isEnum() || FORMS.containsKey(type);
    }

    /// Finds the form of a type that is known.
    ///
    /// @param home what relative paths are relative to
    static TextForm of(Class<?> type, Path home) {
        if (type == Path.class) {
            return new TextForm("a path", text -> path(home, text));
        }
        return type.isEnum() ? choice(type) : Objects.requireNonNull(FORMS.get(type));
    }

    private static TextForm choice(Class<?> type) {
        Map<String, Object> names =
                Arrays.stream(type.getEnumConstants())
                        .collect(Collectors.toMap(TextForm::nameOf, value -> value));
        String words =
                Arrays.stream(type.getEnumConstants())
                        .map(TextForm::nameOf)
                        .collect(Collectors.joining(", "));
        return new TextForm(
                "one of " + words,
                text -> {
                    Object value = names.get(text);
                    if (value == null) {
                        throw new IllegalArgumentException();
                    }
                    return value;
                });
    }

    private static String nameOf(Object constant) {
        return ((Enum<?>) constant).name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static Path path(Path home, String text) {
        if (text.isBlank()) {
            throw new IllegalArgumentException();
        }
        return home.resolve(text).normalize();
    }

    private static boolean bool(String text) {
        return hocon(text).getBoolean("it");
    }

    /// A bare number would be milliseconds in HOCON, which nobody expects.
    private static Duration duration(String text) {
        Duration duration = hocon(text).getDuration("it");
        if (duration.isNegative()
                || duration.compareTo(MAX_DURATION) > 0
                || Character.isDigit(text.strip().charAt(text.strip().length() - 1))) {
            throw new IllegalArgumentException();
        }
        return duration;
    }

    private static ByteSize size(String text) {
        return new ByteSize(hocon(text).getBytes("it"));
    }

    private static InetSocketAddress socketAddress(String text) {
        int colon = text.lastIndexOf(':');
        String host = text.substring(0, Math.max(colon, 0));
        boolean bracketed = host.startsWith("[") && host.endsWith("]");
        if (bracketed) {
            host = host.substring(1, host.length() - 1);
        }
        int port = Integer.parseInt(text.substring(colon + 1));
        if (host.contains(":") != bracketed || port < 1 || port > MAX_PORT) {
            throw new IllegalArgumentException();
        }
        return new InetSocketAddress(InetAddress.ofLiteral(host), port);
    }

    private static Config hocon(String text) {
        return ConfigValueFactory.fromAnyRef(text).atKey("it");
    }

    /// Writes a value so that reading it gives the same value again.
    static String write(Object value) {
        return switch (value) {
            case Enum<?> constant -> nameOf(constant);
            case Duration duration -> write(duration);
            case InetAddress address -> address.getHostAddress();
            case InetSocketAddress address -> write(address);
            default -> value.toString();
        };
    }

    private static String write(InetSocketAddress address) {
        String host = address.getAddress().getHostAddress();
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + address.getPort();
    }

    private static String write(Duration duration) {
        long seconds = duration.toSeconds();
        if (duration.toNanosPart() != 0) {
            return duration.toNanos() + "ns";
        } else if (seconds == 0 || seconds % 60 != 0) {
            return seconds + "s";
        } else if (seconds % 3_600 != 0) {
            return seconds / 60 + "m";
        }
        return seconds % 86_400 != 0 ? seconds / 3_600 + "h" : seconds / 86_400 + "d";
    }
}
