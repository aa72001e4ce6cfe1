package org.posthorn.delivery;

import org.posthorn.api.mail.Domain;
import org.posthorn.api.mail.MailSyntaxException;
import org.posthorn.api.net.Network;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A server in the configuration: `host`, `host:port`, `192.0.2.1:25`, `[2001:db8::1]:25`.
/// Immutable.
///
/// @param host a host name, or an address without brackets
/// @param port 1 to 65535
record HostPort(String host, int port) {
    private static final Pattern FORM =
            Pattern.compile(
                    "(\\[(?<v6>[0-9A-Fa-f:.]+)]|(?<host>[^\\[\\]:/]+))(:(?<port>\\d{1,5}))?");
    private static final Pattern NUMERIC = Pattern.compile("[0-9.]+");
    private static final Pattern IPV4 = Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}");

    /// Reads a host, with or without a port.
    ///
    /// @throws IllegalArgumentException when it is none
    static HostPort parse(String text, int defaultPort) {
        Matcher parts = FORM.matcher(text);
        if (!parts.matches()) {
            throw bad(text);
        }
        String port = parts.group("port");
        String v6 = parts.group("v6");
        int number = port == null ? defaultPort : Integer.parseInt(port);
        var server = new HostPort(v6 == null ? parts.group("host") : v6, number);
        if (number < 1 || number > 65_535 || !server.isSound()) {
            throw bad(text);
        }
        return server;
    }

    /// Reads an address, with or without a port.
    ///
    /// @throws IllegalArgumentException when it is none; host names are not looked up
    static InetSocketAddress address(String text, int defaultPort) {
        HostPort server = parse(text, defaultPort);
        return server.address()
                .map(address -> new InetSocketAddress(address, server.port))
                .orElseThrow(() -> bad(text));
    }

    private static IllegalArgumentException bad(String text) {
        return new IllegalArgumentException(
                "'" + text + "' is not a server such as 192.0.2.1:25 or [2001:db8::1]:25");
    }

    private boolean isSound() {
        if (host.contains(":") || NUMERIC.matcher(host).matches()) {
            return address().isPresent();
        }
        try {
            Domain.name(host);
            return true;
        } catch (MailSyntaxException e) {
            return false;
        }
    }

    /// Returns the address, where the host is one.
    Optional<InetAddress> address() {
        if (!host.contains(":") && !IPV4.matcher(host).matches()) {
            return Optional.empty();
        }
        try {
            return Optional.of(Network.parse(host).address());
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    @Override
    public String toString() {
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    }
}
