package org.posthorn.smtp;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/// The threads that all connections live on, of listeners and of outgoing sessions alike: epoll
/// where there is a native transport, NIO elsewhere. Safe for use by many threads.
///
/// Nothing may block on them.
public final class EventLoops implements AutoCloseable {
    private static final long CLOSE_SECONDS = 10;

    private final boolean epoll;
    private final EventLoopGroup group;

    private EventLoops(boolean epoll, int threads) {
        IoHandlerFactory io = epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
        this.epoll = epoll;
        this.group =
                new MultiThreadIoEventLoopGroup(
                        threads, new DefaultThreadFactory("posthorn-io"), io);
    }

    /// Starts threads on the best transport that this machine has.
    ///
    /// @param threads how many; as many as processors is a good choice
    public static EventLoops start(int threads) {
        return new EventLoops(Epoll.isAvailable(), threads);
    }

    /// Starts threads on NIO, which is everywhere.
    ///
    /// @param threads how many
    public static EventLoops startNio(int threads) {
        return new EventLoops(false, threads);
    }

    /// Returns the threads, for a Netty bootstrap.
    public EventLoopGroup group() {
        return group;
    }

    /// Returns the kind of channel that connects on these threads.
    public Class<? extends SocketChannel> socketChannel() {
        return epoll ? EpollSocketChannel.class : NioSocketChannel.class;
    }

    /// Returns the kind of channel that listens on these threads.
    public Class<? extends ServerSocketChannel> serverSocketChannel() {
        return epoll ? EpollServerSocketChannel.class : NioServerSocketChannel.class;
    }

    /// Returns the transport's name for an operator: `epoll` or `nio`.
    public String transport() {
        return epoll ? "epoll" : "nio";
    }

    /// Runs something later, on one of the threads; never, if they end before.
    ///
    /// @param task short, and never blocks
    public void after(Duration time, Runnable task) {
        if (!group.isShuttingDown()) {
            var _ = group.next().schedule(task, time.toNanos(), TimeUnit.NANOSECONDS);
        }
    }

    /// Closes all channels and ends the threads, waiting up to 10 s for them.
    @Override
    public void close() {
        group.shutdownGracefully(0, CLOSE_SECONDS, TimeUnit.SECONDS)
                .awaitUninterruptibly(CLOSE_SECONDS, TimeUnit.SECONDS);
    }
}
