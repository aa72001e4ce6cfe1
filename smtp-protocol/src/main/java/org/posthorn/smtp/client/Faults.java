package org.posthorn.smtp.client;

import io.netty.channel.ConnectTimeoutException;

import org.jspecify.annotations.Nullable;
import org.posthorn.api.smtp.Reply;
import org.posthorn.smtp.client.ClientException.Step;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.TimeoutException;

import javax.net.ssl.SSLException;

/// Puts into words, and into a reply for the recipients, why a session with one server cannot go
/// on.
///
/// @param place the server
record Faults(String place) {

    /// Names an address as operators and bounces show it: `192.0.2.1:25`, `[2001:db8::1]:25`.
    static Faults of(InetSocketAddress remote) {
        String address = remote.getAddress().getHostAddress();
        String host = address.contains(":") ? "[" + address + "]" : address;
        return new Faults(host + ":" + remote.getPort());
    }

    ClientException unconnected(@Nullable Throwable cause) {
        String what =
                switch (cause) {
                    case ConnectTimeoutException _ -> "did not accept the connection in time";
                    case NoRouteToHostException _ -> "cannot be reached";
                    case ConnectException e
                            when String.valueOf(e.getMessage()).contains("unreachable") ->
                            "cannot be reached";
                    case ConnectException _ -> "refused the connection";
                    case null, default -> "cannot be connected to";
                };
        return fault(Step.CONNECT, "4.4.1", what, cause);
    }

    ClientException ended(Step step, @Nullable Throwable end) {
        return switch (end) {
            case TimeoutException e -> fault(step, "4.4.2", "did not answer in time", e);
            case ReplySyntaxException e -> protocol(step, e.getMessage(), e);
            case UnexpectedReplyException e when e.reply().code() == 421 ->
                    fault(step, "4.4.2", "closes the connection: " + e.reply(), e);
            case UnexpectedReplyException e -> protocol(step, "a reply answers a command", e);
            case ClosedChannelException e -> fault(step, "4.4.2", "closed the connection", e);
            case SSLException e -> fault(step, "4.7.5", "broke off TLS", e);
            case null, default -> fault(step, "4.4.2", "broke the connection", end);
        };
    }

    ClientException tls(@Nullable Throwable cause) {
        return cause instanceof ReplySyntaxException broken
                ? protocol(Step.TLS, broken.getMessage(), broken)
                : fault(Step.TLS, "4.7.5", "could not agree on TLS", cause);
    }

    /// The server broke a rule.
    ClientException protocol(Step step, @Nullable String rule, @Nullable Throwable cause) {
        return fault(step, "4.5.0", "broke the protocol: expected that " + rule, cause);
    }

    /// The server wants no session. Whatever the code, that says nothing about a recipient.
    ClientException refused(Step step, Reply reply) {
        return fault(step, "4.3.2", "refused to talk to us: " + reply, null);
    }

    /// The server ends the session (RFC 5321 §3.8).
    ClientException closing(Step step, Reply reply) {
        return fault(step, "4.4.2", "closes the connection: " + reply, null);
    }

    /// The server does not let us in, or we do not tell it who we are.
    ClientException stranger(String status, String what) {
        return fault(Step.AUTH, status, what, null);
    }

    ClientException unreadable(IOException cause) {
        Reply reply = Reply.of(451, "4.3.0", "Local error: the content cannot be read");
        return new ClientException(Step.CONTENT, reply, cause);
    }

    ClientException unsendable(ContentEncoder.BareLineEndException cause) {
        Reply reply = Reply.of(554, "5.6.0", "Not sent: the " + cause.getMessage());
        return new ClientException(Step.CONTENT, reply, cause);
    }

    private ClientException fault(
            Step step, String status, String what, @Nullable Throwable cause) {
        Reply reply = Reply.of(421, status, place + " " + what + " (" + step + ")");
        return new ClientException(step, reply, cause);
    }
}
