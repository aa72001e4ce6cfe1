package org.posthorn.testkit;

import org.posthorn.api.plugin.Session;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.Optional;

/// The facts of a session that has got as far as `EHLO`, without TLS: for what is asked about a
/// session and takes no part in it, such as a source of credentials. Immutable.
///
/// @param client the client's address and port
public record Connection(InetSocketAddress client) implements Session {

    /// Makes one.
    ///
    /// @param client an IPv4 or IPv6 address
    public static Connection from(String client) {
        return new Connection(new InetSocketAddress(InetAddress.ofLiteral(client), 4321));
    }

    @Override
    public String id() {
        return "s1";
    }

    @Override
    public InetSocketAddress local() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), 25);
    }

    @Override
    public String listener() {
        return "smtp";
    }

    @Override
    public Instant since() {
        return Instant.EPOCH;
    }

    @Override
    public Optional<String> helo() {
        return Optional.of("client.example");
    }

    @Override
    public boolean extended() {
        return true;
    }

    @Override
    public Optional<Tls> tls() {
        return Optional.empty();
    }
}
