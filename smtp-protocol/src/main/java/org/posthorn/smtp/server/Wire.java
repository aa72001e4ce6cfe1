package org.posthorn.smtp.server;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.concurrent.AbstractScheduledEventExecutor;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Ticker;

import org.jspecify.annotations.Nullable;
import org.posthorn.api.plugin.CloseReason;
import org.posthorn.api.smtp.Reply;
import org.posthorn.smtp.server.State.Addressing;
import org.posthorn.smtp.server.State.Authenticating;
import org.posthorn.smtp.server.State.Chunking;
import org.posthorn.smtp.server.State.Closed;
import org.posthorn.smtp.server.State.Connected;
import org.posthorn.smtp.server.State.Open;
import org.posthorn.smtp.server.State.Ready;
import org.posthorn.smtp.server.State.Receiving;
import org.posthorn.smtp.server.State.Securing;
import org.posthorn.smtp.server.State.Swallowing;
import org.posthorn.smtp.tls.ListenerTls;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import javax.net.ssl.SSLSession;

/// A session's place in Netty: octets in, replies out, and nothing kept while it is idle.
///
/// Commands are taken one by one while there are whole ones; their replies leave together when
/// there is no more (RFC 2920). While a command waits for a plugin or the store, octets wait in a
/// buffer that is bounded: beyond it the socket is no longer read. Confined to its event loop.
final class Wire extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger(Wire.class);

    /// Octets that may wait; what one read brings comes on top.
    private static final int MAX_WAITING = 8192;

    /// How long a client may take to read our last words, when it is not it who ends the session.
    private static final long LINGER_SECONDS = 2;

    /// How long a client may take to read its replies, when it said all that it had to say.
    private static final long GOODBYE_SECONDS = 30;

    /// Sent through the pipelines of all sessions when the server stops.
    enum Signal {
        /// Finish the transaction, then leave.
        DRAIN
    }

    private final Service service;
    private final Channel channel;
    private final Conversation conversation;
    private final CommandDecoder decoder;
    private final SmtpLimits limits;
    private final AuthResponseDecoder responses = new AuthResponseDecoder();
    private final Ticker ticker;

    /// Whether replies have enhanced status codes (RFC 2034).
    private final boolean statuses;

    private @Nullable ByteBuf in;
    private @Nullable ByteBuf out;
    private @Nullable Future<?> timer;
    private @Nullable RecordGate gate;

    /// How fast content comes, from its first octets to its end, over all chunks.
    private @Nullable Pace pace;

    private long deadline;

    /// When the session began, or had the last message come.
    private long progressed;

    private boolean started;
    private boolean greeted;
    private boolean busy;
    private boolean running;
    private boolean draining;
    private boolean closing;

    /// The client sends no more, but may still read (half-closed).
    private boolean silent;

    Wire(Service service, LiveSession session, Channel channel) {
        this.service = service;
        this.channel = channel;
        this.conversation = new Conversation(service, session, channel.eventLoop());
        this.limits = service.settings().limits();
        this.decoder = new CommandDecoder(limits.maxCommandLine());
        this.statuses = service.offers().any(Extension.ENHANCEDSTATUSCODES);
        this.ticker =
                channel.eventLoop() instanceof AbstractScheduledEventExecutor loop
                        ? loop.ticker()
                        : Ticker.systemTicker();
    }

    /// Greets the client.
    void start() {
        started = true;
        progressed = ticker.nanoTime();
        patience(limits.commandTimeout());
        Duration delay = limits.pace().greetingDelay();
        if (delay.isZero()) {
            greet();
        } else {
            var waited = new CompletableFuture<Void>();
            channel.eventLoop()
                    .schedule(() -> waited.complete(null), delay.toNanos(), TimeUnit.NANOSECONDS);
            pause(waited, this::greet);
        }
        run();
    }

    private void greet() {
        CompletableFuture<Step> greeting = conversation.greet();
        pause(
                greeting,
                () -> {
                    greeted = true;
                    take(greeting.join());
                });
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf octets = (ByteBuf) message;
        ByteBuf waiting = in;
        if (started && !greeted && octets.isReadable()) {
            conversation.talksEarly();
        }
        if (closing) {
            octets.release();
        } else if (waiting == null) {
            in = octets;
            run();
        } else {
            in = joined(waiting, octets);
            run();
        }
    }

    private ByteBuf joined(ByteBuf first, ByteBuf second) {
        int length = first.readableBytes() + second.readableBytes();
        ByteBuf both = channel.alloc().buffer(length);
        both.writeBytes(first).writeBytes(second);
        first.release();
        second.release();
        return both;
    }

    private void run() {
        if (running) {
            return;
        }
        running = true;
        try {
            while (!busy && !closing && channel.isWritable() && turn()) {
                // Each turn takes one command, or content as far as it goes.
            }
        } finally {
            running = false;
        }
        flush();
        if (gate != null && !closing) {
            gate.open();
        }
        if (silent && !blocked() && !closing) {
            hangUp(CloseReason.CLIENT_LEFT);
        }
        tidy();
    }

    /// Does one thing. Returns false when it needs more octets for that. Content that was read to
    /// its end while the store was busy needs none.
    private boolean turn() {
        ByteBuf octets = in == null ? Unpooled.EMPTY_BUFFER : in;
        return switch (conversation.state()) {
            case Open open -> command(open, octets);
            case Receiving receiving -> content(receiving, octets);
            case Authenticating authenticating -> response(authenticating, octets);
            case Swallowing swallowing -> surplus(swallowing, octets);
            case Securing _, Closed _ -> false;
        };
    }

    private boolean command(Open now, ByteBuf octets) {
        Command command = decoder.next(octets);
        if (command == null) {
            return false;
        }
        patience(limits.commandTimeout());
        if (ticker.nanoTime() - progressed >= limits.pace().sessionTimeout().toNanos()) {
            leave(CloseReason.TIMEOUT, Replies.NO_PROGRESS);
        } else if (command instanceof Command.StartTls && octets.isReadable()) {
            take(conversation.injected());
        } else {
            await(conversation.next(now, command));
        }
        return true;
    }

    private boolean response(Authenticating now, ByteBuf octets) {
        AuthResponse response = responses.next(octets);
        if (response == null) {
            return false;
        }
        patience(limits.commandTimeout());
        await(conversation.respond(now, response));
        return true;
    }

    private boolean content(Receiving receiving, ByteBuf octets) {
        patience(limits.contentTimeout());
        int before = octets.readableBytes();
        Reception reception = receiving.reception();
        return switch (reception.read(octets)) {
            case MORE -> {
                keepPace(before - octets.readableBytes(), reception.fault());
                yield false;
            }
            case FULL -> {
                keepPace(before - octets.readableBytes(), reception.fault());
                long paused = ticker.nanoTime();
                pause(reception.written(), () -> storeWasBusy(ticker.nanoTime() - paused));
                yield true;
            }
            case COMPLETE -> {
                patience(limits.commandTimeout());
                if (reception.complete()) {
                    progressed = ticker.nanoTime();
                } else {
                    keepPace(before - octets.readableBytes(), reception.fault());
                }
                if (!closing) {
                    await(conversation.received(receiving));
                }
                yield true;
            }
        };
    }

    /// Leaves out a time that is not the client's.
    private void storeWasBusy(long time) {
        pace().waited(time);
        progressed += time;
    }

    private boolean surplus(Swallowing swallowing, ByteBuf octets) {
        patience(limits.contentTimeout());
        int before = octets.readableBytes();
        boolean all = swallowing.surplus().skip(octets);
        if (all) {
            patience(limits.commandTimeout());
            take(conversation.swallowed(swallowing));
        } else {
            Reply why = swallowing.then().reply();
            int took = before - octets.readableBytes();
            keepPace(took, why == null ? Replies.CONTENT_TOO_SLOW : why);
        }
        return all;
    }

    /// Ends the session when content comes too slowly.
    private void keepPace(int octets, @Nullable Reply fault) {
        Reply slow = pace().took(octets, fault, ticker.nanoTime());
        if (slow != null) {
            leave(CloseReason.TIMEOUT, slow);
        }
    }

    private Pace pace() {
        if (pace == null) {
            pace = new Pace(limits, ticker.nanoTime());
        }
        return pace;
    }

    private void await(CompletableFuture<Step> step) {
        pause(step, () -> take(step.join()));
    }

    /// Does what follows when a result is there, and nothing else before.
    private void pause(CompletableFuture<?> result, Runnable then) {
        if (result.isDone()) {
            then.run();
            return;
        }
        busy = true;
        result.whenComplete((_, _) -> resume(then));
    }

    private void resume(Runnable then) {
        if (!channel.eventLoop().inEventLoop()) {
            channel.eventLoop().execute(() -> resume(then));
            return;
        }
        busy = false;
        if (!channel.isActive()) {
            return;
        }
        patience(limits.commandTimeout());
        try {
            then.run();
            run();
        } catch (RuntimeException e) {
            fail(e);
        }
    }

    private void take(Step step) {
        step.before().forEach(this::say);
        if (step.reply() != null) {
            say(step.reply());
        }
        switch (step.state()) {
            case Connected _, Ready _ -> {
                pace = null;
                if (draining) {
                    leave(CloseReason.SHUTDOWN, Replies.STOPPING);
                }
            }
            case Addressing _ -> pace = null;
            case Chunking _, Receiving _, Swallowing _, Authenticating _ -> {}
            case Securing _ -> service.startTls().ifPresent(this::secure);
            case Closed(var reason) -> hangUp(reason);
        }
    }

    private void say(Reply reply) {
        ByteBuf replies = out;
        if (replies == null) {
            replies = channel.alloc().buffer(256);
            out = replies;
        }
        ReplyWriter.write(statuses ? reply : reply.withoutStatus(), replies);
        if (replies.readableBytes() > MAX_WAITING) {
            flush();
        }
    }

    private void flush() {
        ByteBuf replies = out;
        if (replies != null) {
            out = null;
            channel.writeAndFlush(replies);
        }
    }

    /// Keeps nothing that is not needed, and reads on only if there is room.
    private void tidy() {
        ByteBuf octets = in;
        if (octets != null && (closing || !octets.isReadable())) {
            octets.release();
            in = null;
        } else if (octets != null && !busy && octets.capacity() > 2 * octets.readableBytes()) {
            in = channel.alloc().buffer(octets.readableBytes()).writeBytes(octets);
            octets.release();
        }
        boolean room = waiting() < MAX_WAITING || !blocked();
        if (!nothingComes() && room != channel.config().isAutoRead()) {
            channel.config().setAutoRead(room);
        }
    }

    /// Tells whether the client's side of the connection has ended: then there is nothing to read.
    private boolean nothingComes() {
        return silent || channel instanceof DuplexChannel duplex && duplex.isInputShutdown();
    }

    private int waiting() {
        return (in == null ? 0 : in.readableBytes()) + (gate == null ? 0 : gate.waiting());
    }

    private boolean blocked() {
        return busy || !channel.isWritable();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (ctx.channel().isWritable()) {
            run();
        }
    }

    /// Begins TLS with the next octets.
    void secure(ListenerTls tls) {
        flush();
        gate = new RecordGate(this::blocked);
        channel.pipeline()
                .addBefore("session", "gate", gate)
                .addBefore(
                        "session",
                        "tls",
                        tls.newHandler(channel, limits.pace().handshakeTimeout()));
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        switch (event) {
            case SslHandshakeCompletionEvent handshake when handshake.isSuccess() -> secured(ctx);
            case SslHandshakeCompletionEvent failed -> {
                LOG.debug("TLS failed in session {}", conversation.session().id(), failed.cause());
                conversation.close(CloseReason.FAILURE);
                ctx.close();
            }
            case SslCloseCompletionEvent _ -> inputEnded();
            case Signal.DRAIN -> drain();
            case ChannelInputShutdownEvent _ -> inputEnded();
            default -> ctx.fireUserEventTriggered(event);
        }
    }

    private void secured(ChannelHandlerContext ctx) {
        SSLSession tls = ctx.pipeline().get(SslHandler.class).engine().getSession();
        ListenerTls ours = service.tls().orElseThrow();
        conversation.secured(ours.facts(tls), ListenerTls.bindings(tls));
        if (started) {
            run();
        } else {
            start();
        }
    }

    /// Answers what the client said before it fell silent, then closes. A client that was told
    /// goodbye has just left.
    private void inputEnded() {
        silent = true;
        if (channel instanceof DuplexChannel duplex && duplex.isOutputShutdown()) {
            channel.close();
        } else {
            run();
        }
    }

    private void drain() {
        draining = true;
        switch (conversation.state()) {
            case Connected _ when !started -> channel.close();
            case Connected _, Ready _ -> {
                if (!busy) {
                    leave(CloseReason.SHUTDOWN, Replies.STOPPING);
                    tidy();
                }
            }
            case Securing _ -> channel.close();
            case Addressing _,
                    Chunking _,
                    Receiving _,
                    Swallowing _,
                    Authenticating _,
                    Closed _ -> {}
        }
    }

    /// Ends the session by our own will.
    private void leave(CloseReason reason, Reply reply) {
        say(reply);
        conversation.close(reason);
        hangUp(reason);
    }

    /// Closes the connection behind the last reply. A client that did not expect that may have sent
    /// more, and would lose the reply if the connection were reset over it: so it is read on a
    /// while.
    private void hangUp(CloseReason reason) {
        closing = true;
        cancelTimer();
        ByteBuf last = out == null ? Unpooled.EMPTY_BUFFER : out;
        out = null;
        boolean surprise = reason != CloseReason.QUIT && !silent;
        if (surprise && channel instanceof DuplexChannel duplex) {
            channel.writeAndFlush(last).addListener(_ -> shutDownOutput(duplex));
        } else {
            channel.writeAndFlush(last).addListener(ChannelFutureListener.CLOSE);
        }
        timer =
                channel.eventLoop()
                        .schedule(
                                () -> channel.close(),
                                surprise ? LINGER_SECONDS : GOODBYE_SECONDS,
                                TimeUnit.SECONDS);
    }

    private void shutDownOutput(DuplexChannel duplex) {
        SslHandler tls = channel.pipeline().get(SslHandler.class);
        if (tls != null) {
            tls.closeOutbound();
        }
        duplex.shutdownOutput();
    }

    private void patience(Duration time) {
        deadline = ticker.nanoTime() + time.toNanos();
        if (timer == null) {
            timer =
                    channel.eventLoop()
                            .schedule(this::expire, time.toNanos(), TimeUnit.NANOSECONDS);
        }
    }

    /// One timer per session, set anew only when it runs out: commands merely move the deadline.
    private void expire() {
        timer = null;
        if (closing) {
            return;
        }
        long left = busy ? TimeUnit.SECONDS.toNanos(1) : deadline - ticker.nanoTime();
        if (left > 0) {
            timer = channel.eventLoop().schedule(this::expire, left, TimeUnit.NANOSECONDS);
        } else {
            leave(CloseReason.TIMEOUT, Replies.IDLE);
            tidy();
        }
    }

    private void cancelTimer() {
        Future<?> running = timer;
        if (running != null) {
            running.cancel(false);
            timer = null;
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        cancelTimer();
        closing = true;
        release();
        service.doorkeeper().leave(conversation.session().client().getAddress());
        conversation.gone(draining ? CloseReason.SHUTDOWN : CloseReason.CLIENT_LEFT);
        ctx.fireChannelInactive();
    }

    private void release() {
        if (in != null) {
            in.release();
            in = null;
        }
        if (out != null) {
            out.release();
            out = null;
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        fail(cause);
    }

    private void fail(Throwable cause) {
        String id = conversation.session().id();
        if (cause instanceof IOException || cause instanceof DecoderException) {
            LOG.debug("connection of session {} failed", id, cause);
        } else {
            LOG.error("session {} failed", id, cause);
            conversation.close(CloseReason.FAILURE);
        }
        channel.close();
    }
}
