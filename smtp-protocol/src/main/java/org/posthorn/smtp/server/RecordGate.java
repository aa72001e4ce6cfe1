package org.posthorn.smtp.server;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;

import org.jspecify.annotations.Nullable;

import java.util.function.BooleanSupplier;

/// Stands before TLS, and lets records through one by one, while the session can take them.
///
/// A client may end what it says (`close_notify`, RFC 8446 §6.1) before it has heard all replies.
/// TLS libraries then end what we say, too: so that record must wait until the replies to what
/// came before it are out. It is encrypted like all others, so any record may be that one. Confined
/// to the session's event loop.
final class RecordGate extends ChannelDuplexHandler {
    private static final int HEADER = 5;
    private static final int FIRST_TYPE = 20;
    private static final int LAST_TYPE = 23;

    /// The most that a record may hold (RFC 8446 §5.2, and more in RFC 5246 §6.2.3).
    private static final int MAX_RECORD = (1 << 14) + 2048;

    private final BooleanSupplier blocked;
    private @Nullable ChannelHandlerContext place;
    private @Nullable ByteBuf held;
    private boolean passing;
    private boolean ended;

    /// @param blocked tells whether the session can take nothing now
    RecordGate(BooleanSupplier blocked) {
        this.blocked = blocked;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        place = ctx;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf octets = (ByteBuf) message;
        ByteBuf waiting = held;
        if (waiting == null) {
            held = octets;
        } else {
            held = ctx.alloc().buffer(waiting.readableBytes() + octets.readableBytes());
            held.writeBytes(waiting).writeBytes(octets);
            waiting.release();
            octets.release();
        }
        if (passing) {
            return;
        }
        pass(ctx);
        if (blocked.getAsBoolean() && !ended && waiting() >= MAX_RECORD) {
            ctx.channel().config().setAutoRead(false);
        }
    }

    /// Returns how many octets wait.
    int waiting() {
        return held == null ? 0 : held.readableBytes();
    }

    /// Lets through what waits, as far as the session takes it.
    void open() {
        ChannelHandlerContext ctx = place;
        if (!passing && ctx != null && (held != null || ended) && !ctx.isRemoved()) {
            pass(ctx);
            ctx.fireChannelReadComplete();
        }
    }

    private void pass(ChannelHandlerContext ctx) {
        passing = true;
        try {
            while (!blocked.getAsBoolean()) {
                ByteBuf record = next();
                if (record == null) {
                    break;
                }
                ctx.fireChannelRead(record);
            }
        } finally {
            passing = false;
        }
        if (ended && !blocked.getAsBoolean()) {
            ended = false;
            ctx.fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
        }
    }

    /// Takes the next whole record; whatever is none is for TLS to complain about.
    private @Nullable ByteBuf next() {
        ByteBuf octets = held;
        if (octets == null || octets.readableBytes() < HEADER) {
            return null;
        }
        int start = octets.readerIndex();
        int type = octets.getUnsignedByte(start);
        int length = octets.getUnsignedShort(start + HEADER - 2);
        boolean record = type >= FIRST_TYPE && type <= LAST_TYPE && length <= MAX_RECORD;
        int size = record ? HEADER + length : octets.readableBytes();
        if (octets.readableBytes() < size) {
            return null;
        }
        if (octets.readableBytes() == size) {
            held = null;
            return octets;
        }
        return octets.readRetainedSlice(size);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof ChannelInputShutdownEvent) {
            ended = true;
            if (!passing) {
                pass(ctx);
            }
        } else {
            ctx.fireUserEventTriggered(event);
        }
    }

    /// TLS wants to read also where nothing comes any more, which the transport does not bear.
    @Override
    public void read(ChannelHandlerContext ctx) {
        if (!(ctx.channel() instanceof DuplexChannel duplex && duplex.isInputShutdown())) {
            ctx.read();
        }
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        release();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        release();
        ctx.fireChannelInactive();
    }

    private void release() {
        if (held != null) {
            held.release();
            held = null;
        }
    }
}
