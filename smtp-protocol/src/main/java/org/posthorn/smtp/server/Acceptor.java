package org.posthorn.smtp.server;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.group.ChannelGroup;

import org.posthorn.api.smtp.Reply;
import org.posthorn.smtp.server.ListenerConfig.Tls;

import java.net.InetSocketAddress;
import java.util.Optional;

/// Makes sessions of one listener's connections, or refuses them cheaply. Shared by all of them.
@ChannelHandler.Sharable
final class Acceptor extends ChannelInboundHandlerAdapter {
    private final Service service;
    private final Doorkeeper doorkeeper;
    private final ChannelGroup channels;

    Acceptor(Service service, Doorkeeper doorkeeper, ChannelGroup channels) {
        this.service = service;
        this.doorkeeper = doorkeeper;
        this.channels = channels;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        Channel channel = ctx.channel();
        if (!(channel.remoteAddress() instanceof InetSocketAddress client)
                || !(channel.localAddress() instanceof InetSocketAddress local)) {
            ctx.close();
            return;
        }
        Optional<Reply> refusal = doorkeeper.enter(client.getAddress());
        if (refusal.isPresent()) {
            refuse(ctx, refusal.get());
            return;
        }
        channels.add(channel);
        var session =
                new LiveSession(
                        doorkeeper.nextSession(),
                        service.listener(),
                        client,
                        local,
                        service.clock().instant());
        var wire = new Wire(service, session, channel, () -> doorkeeper.leave(client.getAddress()));
        ctx.pipeline().replace(this, "session", wire);
        begin(wire);
    }

    private void begin(Wire wire) {
        if (service.config().tls() != Tls.IMPLICIT) {
            wire.start();
            return;
        }
        wire.secure(service.tls().orElseThrow());
    }

    private void refuse(ChannelHandlerContext ctx, Reply reply) {
        if (service.config().tls() == Tls.IMPLICIT) {
            ctx.close();
            return;
        }
        ByteBuf out = ctx.alloc().buffer(128);
        ReplyWriter.write(reply, out);
        ctx.writeAndFlush(out).addListener(ChannelFutureListener.CLOSE);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        // Only a client that was refused gets here.
        ((ByteBuf) message).release();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        ctx.close();
    }
}
