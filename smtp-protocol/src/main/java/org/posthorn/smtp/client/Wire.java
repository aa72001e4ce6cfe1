package org.posthorn.smtp.client;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.Future;

import org.jspecify.annotations.Nullable;
import org.posthorn.api.smtp.Reply;
import org.posthorn.smtp.client.ClientException.Step;

import java.nio.channels.ClosedChannelException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;

/// Where the session's thread and the connection's event loop meet: lines go out, replies come in.
///
/// The session's thread waits for a number of replies and is woken once, when they are all there or
/// never will be. A reply that no command asked for ends the connection: what is kept here is
/// bounded by what was asked.
final class Wire extends ChannelInboundHandlerAdapter {
    private static final long GOODBYE_SECONDS = 5;
    private static final int CLOSING = 421;
    private static final int EACH_FOLLOWS = 353;

    private final Channel channel;
    private final Faults faults;
    private final ReplyDecoder decoder = new ReplyDecoder();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final ArrayDeque<Reply> replies = new ArrayDeque<>();
    private int due = 1;
    private int wanted;
    private int following;
    private long lastReply;
    private boolean leaving;
    private @Nullable Throwable end;

    /// Makes one for a connection that is not up yet; the greeting is awaited already.
    Wire(Channel channel, Faults faults) {
        this.channel = channel;
        this.faults = faults;
    }

    ReplyDecoder decoder() {
        return decoder;
    }

    Faults faults() {
        return faults;
    }

    // For the session's thread.

    /// Sends lines, each of which will be answered.
    void say(List<String> lines) {
        ByteBuf out = channel.alloc().buffer();
        for (String line : lines) {
            out.writeCharSequence(line, StandardCharsets.UTF_8);
            out.writeByte('\r').writeByte('\n');
        }
        expect(lines.size());
        var _ = channel.writeAndFlush(out, channel.voidPromise());
    }

    private void expect(int count) {
        lock.lock();
        try {
            due += count;
        } finally {
            lock.unlock();
        }
    }

    /// Waits until so many replies are there, or never will be.
    ///
    /// @param time how long each may take; a server that takes longer is given up
    void gather(int count, Duration time) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            wanted = count;
            await(time, () -> replies.size() >= count);
        } finally {
            wanted = 0;
            lock.unlock();
        }
    }

    /// Returns the next reply, waiting for it where it is not there yet.
    Reply next(Step step, Duration time) throws ClientException, InterruptedException {
        gather(1, time);
        lock.lock();
        try {
            Reply reply = replies.poll();
            if (reply == null) {
                throw faults.ended(step, end);
            }
            return reply;
        } finally {
            lock.unlock();
        }
    }

    /// Returns what the server said before it was asked, if that is why the session ended.
    Optional<Reply> early() {
        lock.lock();
        try {
            return end instanceof UnexpectedReplyException unexpected
                    ? Optional.of(unexpected.reply())
                    : Optional.empty();
        } finally {
            lock.unlock();
        }
    }

    boolean isOpen() {
        lock.lock();
        try {
            return end == null && channel.isActive();
        } finally {
            lock.unlock();
        }
    }

    ByteBuf buffer(int size) {
        return channel.alloc().buffer(size);
    }

    /// Sends octets of the content, once the connection can take them.
    ///
    /// @param answers how many replies they will get: none but for the last ones. No earlier reply
    ///     counts, so it is the event loop that begins to expect them, when it comes to send
    /// @param each how many more there will be if the first one is 353
    void write(ByteBuf octets, int answers, int each, Duration time)
            throws ClientException, InterruptedException {
        lock.lock();
        try {
            await(time, channel::isWritable);
            if (end != null) {
                throw faults.ended(Step.CONTENT, end);
            }
            ByteBuf sent = octets.retain();
            if (answers == 0) {
                var _ = channel.writeAndFlush(sent, channel.voidPromise());
            } else {
                channel.eventLoop().execute(() -> writeLast(sent, answers, each));
            }
        } finally {
            lock.unlock();
            octets.release();
        }
    }

    private void await(Duration time, BooleanSupplier met) throws InterruptedException {
        long began = System.nanoTime();
        while (!met.getAsBoolean() && end == null) {
            long since = replies.isEmpty() ? began : Math.max(began, lastReply);
            long left = since + time.toNanos() - System.nanoTime();
            if (left <= 0) {
                end = new TimeoutException();
            } else {
                var _ = changed.awaitNanos(left);
            }
        }
    }

    /// Begins TLS, and waits for the end of the handshake.
    void secure(SslContext tls, String serverName, Duration time)
            throws ClientException, InterruptedException {
        var secured = new CompletableFuture<Channel>();
        channel.eventLoop().execute(() -> handshake(tls, serverName, time, secured));
        try {
            secured.get();
        } catch (ExecutionException e) {
            throw faults.tls(e.getCause());
        }
    }

    /// Returns the state of TLS, behind a handshake.
    SSLSession tlsSession() throws SSLPeerUnverifiedException {
        SslHandler handler = channel.pipeline().get(SslHandler.class);
        if (handler == null) {
            throw new SSLPeerUnverifiedException("the connection is closed");
        }
        return handler.engine().getSession();
    }

    /// Leaves: says `QUIT` and closes once that is answered. Nobody waits for it.
    void quit() {
        lock.lock();
        try {
            leaving = true;
        } finally {
            lock.unlock();
        }
        say(List.of("QUIT"));
        var timer = channel.eventLoop().schedule(this::close, GOODBYE_SECONDS, TimeUnit.SECONDS);
        var _ = channel.closeFuture().addListener(_ -> timer.cancel(false));
    }

    void whenClosed(Runnable task) {
        var _ = channel.closeFuture().addListener(_ -> task.run());
    }

    void close() {
        var _ = channel.close();
    }

    // For the event loop.

    private void writeLast(ByteBuf octets, int answers, int each) {
        lock.lock();
        try {
            due += answers;
            following = each;
        } finally {
            lock.unlock();
        }
        var _ = channel.writeAndFlush(octets, channel.voidPromise());
    }

    private void handshake(
            SslContext tls, String serverName, Duration time, CompletableFuture<Channel> secured) {
        lock.lock();
        try {
            if (end != null || !decoder.isIdle()) {
                secured.completeExceptionally(
                        new ReplySyntaxException("nothing comes behind the answer to STARTTLS"));
                return;
            }
        } finally {
            lock.unlock();
        }
        SslHandler handler = handler(channel, tls, serverName, time);
        handler.handshakeFuture().addListener((Future<Channel> done) -> complete(secured, done));
        channel.pipeline().addFirst(handler);
    }

    /// @param serverName the server's name, or its address in brackets
    static SslHandler handler(Channel channel, SslContext tls, String serverName, Duration time) {
        String bare =
                serverName.startsWith("[")
                        ? serverName.substring(1, serverName.length() - 1)
                        : serverName;
        SslHandler handler = tls.newHandler(channel.alloc(), bare, -1);
        handler.setHandshakeTimeout(time.toMillis(), TimeUnit.MILLISECONDS);
        return handler;
    }

    static void complete(CompletableFuture<Channel> result, Future<Channel> done) {
        if (done.isSuccess()) {
            result.complete(done.getNow());
        } else {
            result.completeExceptionally(done.cause());
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        lock.lock();
        try {
            Reply reply = (Reply) message;
            if (due == 0 || leaving) {
                end(context, new UnexpectedReplyException(reply));
                return;
            }
            due--;
            if (reply.code() == EACH_FOLLOWS) {
                due += following;
            }
            following = 0;
            replies.add(reply);
            lastReply = System.nanoTime();
            if (reply.code() == CLOSING && end == null) {
                end = new UnexpectedReplyException(reply);
            }
            if (end != null || wanted > 0 && replies.size() >= wanted) {
                changed.signal();
            }
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        lock.lock();
        try {
            end(context, new ClosedChannelException());
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        lock.lock();
        try {
            Throwable inner = cause.getCause();
            end(context, cause instanceof DecoderException && inner != null ? inner : cause);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        lock.lock();
        try {
            changed.signal();
        } finally {
            lock.unlock();
        }
    }

    private void end(ChannelHandlerContext context, Throwable why) {
        if (end == null) {
            end = why;
        }
        changed.signal();
        var _ = context.close();
    }
}
