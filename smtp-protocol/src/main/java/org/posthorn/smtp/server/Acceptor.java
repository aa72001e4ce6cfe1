package org.posthorn.smtp.server;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.group.ChannelGroup;
import io.netty.handler.codec.haproxy.HAProxyMessageDecoder;

import org.posthorn.api.plugin.Session.Proxy;
import org.posthorn.api.smtp.Reply;
import org.posthorn.smtp.server.ListenerConfig.Tls;

import java.net.InetSocketAddress;
import java.util.Optional;

/// Makes sessions of one listener's connections, or refuses them cheaply. Shared by all of them.
@ChannelHandler.Sharable
final class Acceptor extends ChannelInboundHandlerAdapter {
    private final Service service;
    private final ChannelGroup channels;

    Acceptor(Service service, ChannelGroup channels) {
        this.service = service;
        this.channels = channels;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        Channel channel = ctx.channel();
        if (!(channel.remoteAddress() instanceof InetSocketAddress peer)
                || !(channel.localAddress() instanceof InetSocketAddress local)) {
            ctx.close();
        } else if (service.config().proxyProtocol().trusts(peer.getAddress())) {
            var header =
                    new ProxyHeader((client, there, proxy) -> arrived(ctx, client, there, proxy));
            ctx.pipeline()
                    .addBefore(ctx.name(), null, new HAProxyMessageDecoder(ProxyHeader.MAX_EXTRAS))
                    .addBefore(ctx.name(), null, header);
        } else {
            arrived(ctx, peer, local, Optional.empty());
        }
    }

    private void arrived(
            ChannelHandlerContext ctx,
            InetSocketAddress client,
            InetSocketAddress local,
            Optional<Proxy> proxy) {
        boolean secure = service.config().tls() == Tls.IMPLICIT;
        Reply refusal = service.doorkeeper().enter(client.getAddress(), secure);
        if (refusal != null) {
            refuse(ctx, secure, refusal);
            return;
        }
        channels.add(ctx.channel());
        var session =
                new LiveSession(
                        service.doorkeeper().nextSession(),
                        service.listener(),
                        client,
                        local,
                        service.clock().instant());
        proxy.ifPresent(session::through);
        var wire = new Wire(service, session, ctx.channel());
        ctx.pipeline().replace(this, "session", wire);
        if (secure) {
            wire.secure(service.tls().orElseThrow());
        } else {
            wire.start();
        }
    }

    private static void refuse(ChannelHandlerContext ctx, boolean secure, Reply reply) {
        if (secure) {
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
