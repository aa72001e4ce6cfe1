package org.posthorn.smtp.client;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.WriteBufferWaterMark;

import org.jspecify.annotations.Nullable;
import org.posthorn.api.smtp.Reply;
import org.posthorn.smtp.EventLoops;
import org.posthorn.smtp.client.ClientException.Step;

import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.random.RandomGenerator;

/// Opens sessions with SMTP and LMTP servers.
///
/// Sessions live on the event loops that are given; whoever uses one blocks, so do that on a
/// virtual thread. Safe for use by many threads.
public final class SmtpClient {
    private static final WriteBufferWaterMark WATER_MARK =
            new WriteBufferWaterMark(32 * 1024, 64 * 1024);

    private final EventLoops loops;
    private final ClientTimeouts timeouts;
    private final ClientTls tls;
    private final RandomGenerator random;

    /// Makes a client.
    ///
    /// @param loops where its connections live; not closed by this
    /// @param timeouts how long servers may take
    /// @param tls which servers are trusted
    /// @param random for nonces: nobody may guess what comes next
    public SmtpClient(
            EventLoops loops, ClientTimeouts timeouts, ClientTls tls, RandomGenerator random) {
        this.loops = loops;
        this.timeouts = timeouts;
        this.tls = tls;
        this.random = random;
    }

    /// Connects in clear and waits for the greeting.
    ///
    /// @param remote the server's address and port, resolved
    /// @param protocol what to speak
    /// @throws ClientException when there is no connection, or the server does not want to talk
    /// @throws InterruptedException when the thread is interrupted while it waits
    public ClientSession connect(InetSocketAddress remote, Protocol protocol)
            throws ClientException, InterruptedException {
        return connect(remote, protocol, Optional.empty());
    }

    /// Connects and waits for the greeting.
    ///
    /// @param remote the server's address and port, resolved
    /// @param protocol what to speak
    /// @param implicitTls the server's host name, or its address in brackets, where TLS begins with
    ///     the connection (RFC 8314 §3.3) and not by [ClientSession#startTls]
    /// @throws ClientException when there is no connection, or the server does not want to talk
    /// @throws InterruptedException when the thread is interrupted while it waits
    public ClientSession connect(
            InetSocketAddress remote, Protocol protocol, Optional<String> implicitTls)
            throws ClientException, InterruptedException {
        Faults faults = Faults.of(remote);
        var wired = new CompletableFuture<Wire>();
        var connected = new CompletableFuture<@Nullable Void>();
        ChannelFuture connecting = bootstrap(faults, wired, implicitTls).connect(remote);
        var _ =
                connecting.addListener(
                        done -> {
                            if (done.isSuccess()) {
                                connected.complete(null);
                            } else {
                                connected.completeExceptionally(done.cause());
                            }
                        });
        try {
            connected.get();
            Wire wire = wired.get();
            Reply greeting = wire.next(Step.GREETING, timeouts.greeting());
            if (greeting.code() != 220) {
                throw faults.refused(Step.GREETING, greeting);
            }
            var session = new ClientSession(wire, protocol, timeouts, tls, random);
            if (implicitTls.isPresent()) {
                session.secured();
            }
            return session;
        } catch (ExecutionException e) {
            throw faults.unconnected(e.getCause());
        } catch (ClientException | InterruptedException e) {
            var _ = connecting.channel().close();
            throw e;
        }
    }

    private Bootstrap bootstrap(
            Faults faults, CompletableFuture<Wire> wired, Optional<String> implicitTls) {
        return new Bootstrap()
                .group(loops.group())
                .channel(loops.socketChannel())
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER_MARK)
                .option(
                        ChannelOption.CONNECT_TIMEOUT_MILLIS,
                        Math.toIntExact(timeouts.connect().toMillis()))
                .handler(
                        new ChannelInitializer<Channel>() {
                            @Override
                            protected void initChannel(Channel channel) {
                                Wire wire = new Wire(channel, faults);
                                implicitTls.ifPresent(
                                        name ->
                                                channel.pipeline()
                                                        .addLast(
                                                                Wire.handler(
                                                                        channel,
                                                                        tls.context(),
                                                                        name,
                                                                        timeouts.tls())));
                                channel.pipeline().addLast(wire.decoder(), wire);
                                wired.complete(wire);
                            }
                        });
    }
}
