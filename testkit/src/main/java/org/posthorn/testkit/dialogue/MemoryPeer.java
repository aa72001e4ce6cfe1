package org.posthorn.testkit.dialogue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.DefaultChannelId;
import io.netty.channel.embedded.EmbeddedChannel;

import org.posthorn.smtp.server.SmtpServer;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/// A session of a server in memory: no socket, no thread of its own, and time by hand.
///
/// Everything happens on the caller's thread, so plugins that may block are not for it.
public final class MemoryPeer implements Peer {
    private static final InetSocketAddress LOCAL = new InetSocketAddress(literal("192.0.2.25"), 25);

    private final UnpooledByteBufAllocator memory = new UnpooledByteBufAllocator(false);
    private final EmbeddedChannel channel;
    private final ByteArrayOutputStream received = new ByteArrayOutputStream();
    private int read;

    /// Connects to a listener of a server that need not have been started.
    ///
    /// @param client the address that the server sees; one of loopback reaches it at the same
    public MemoryPeer(SmtpServer server, String listener, String client) {
        channel = new ChannelFrom(literal(client), server.acceptor(listener), memory);
        channel.freezeTime();
    }

    private static InetAddress literal(String address) {
        return InetAddress.ofLiteral(address);
    }

    /// Lets time go on for the session.
    public void advance(Duration time) {
        channel.advanceTimeBy(time.toNanos(), TimeUnit.NANOSECONDS);
        channel.runScheduledPendingTasks();
        channel.runPendingTasks();
    }

    /// Reads no more: what the server writes from now on never gets through.
    public void stopReading() {
        channel.pipeline().addFirst(new Stuck());
    }

    @Override
    public void send(byte[] octets) {
        if (channel.isActive()) {
            channel.writeInbound(memory.buffer(octets.length).writeBytes(octets));
            channel.checkException();
        }
    }

    @Override
    public Optional<String> line() throws IOException {
        drain();
        byte[] all = received.toByteArray();
        for (int i = read; i < all.length; i++) {
            if (all[i] == '\n') {
                String line = new String(all, read, i - read, StandardCharsets.UTF_8);
                read = i + 1;
                return Optional.of(line.stripTrailing());
            }
        }
        if (channel.isActive()) {
            throw new IOException("the server says nothing");
        }
        return Optional.empty();
    }

    private void drain() {
        channel.runPendingTasks();
        while (channel.readOutbound() instanceof ByteBuf octets) {
            byte[] copy = new byte[octets.readableBytes()];
            octets.readBytes(copy).release();
            received.writeBytes(copy);
        }
    }

    /// Tells whether the server has not closed the connection.
    public boolean isOpen() {
        return channel.isActive();
    }

    /// Tells whether the server reads what the client sends.
    public boolean isReading() {
        return channel.config().isAutoRead();
    }

    /// Returns how many octets of Netty's memory the session holds: none, while it is idle and all
    /// that it said is read, and none after its end.
    public long octetsHeld() {
        drain();
        return memory.metric().usedHeapMemory() + memory.metric().usedDirectMemory();
    }

    @Override
    public void secure() throws IOException {
        throw new IOException("no TLS in memory: play this dialogue over a socket");
    }

    @Override
    public void close() {
        channel.finishAndReleaseAll();
    }

    private static final class Stuck extends ChannelOutboundHandlerAdapter {
        @Override
        public void write(ChannelHandlerContext ctx, Object octets, ChannelPromise promise) {
            ((ByteBuf) octets).release();
        }
    }

    /// A channel with addresses as if it were a socket.
    private static final class ChannelFrom extends EmbeddedChannel {
        private final InetAddress client;

        ChannelFrom(InetAddress client, ChannelHandler handler, ByteBufAllocator memory) {
            super(DefaultChannelId.newInstance(), false, false);
            this.client = client;
            config().setAllocator(memory);
            pipeline().addLast(handler);
            try {
                register();
            } catch (Exception e) {
                throw new IllegalStateException("a channel in memory cannot fail", e);
            }
        }

        @Override
        protected SocketAddress remoteAddress0() {
            return new InetSocketAddress(client, 40_000);
        }

        @Override
        protected SocketAddress localAddress0() {
            return client.isLoopbackAddress() ? new InetSocketAddress(client, 25) : LOCAL;
        }
    }
}
