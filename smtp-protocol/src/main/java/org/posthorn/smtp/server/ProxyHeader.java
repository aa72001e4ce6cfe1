package org.posthorn.smtp.server;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.haproxy.HAProxyCommand;
import io.netty.handler.codec.haproxy.HAProxyMessage;
import io.netty.handler.codec.haproxy.HAProxyProxiedProtocol.AddressFamily;
import io.netty.handler.codec.haproxy.HAProxySSLTLV;
import io.netty.handler.codec.haproxy.HAProxyTLV;
import io.netty.util.concurrent.Future;

import org.jspecify.annotations.Nullable;
import org.posthorn.api.mail.Domain;
import org.posthorn.api.mail.MailSyntaxException;
import org.posthorn.api.plugin.Session.Proxied;
import org.posthorn.api.plugin.Session.Proxy;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/// Waits for the header that a proxy sends first, once its decoder has read it. Whatever is not one
/// closes the connection, and so does one that does not come. Confined to the connection's event
/// loop.
final class ProxyHeader extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger(ProxyHeader.class);

    /// Bounds what stands behind the addresses in version 2; version 1 has its own bound.
    static final int MAX_EXTRAS = 2048;

    /// Bounds a text among them, in octets.
    private static final int MAX_TEXT = 255;

    /// The protocol asks for at least 3 s, since a packet may be lost on the way.
    private static final long PATIENCE_SECONDS = 5;

    private static final byte TLS_VERSION = 0x21;
    private static final byte TLS_COMMON_NAME = 0x22;
    private static final byte TLS_CIPHER = 0x23;

    private final Arrival arrival;
    private @Nullable Future<?> timer;

    /// Takes a connection whose header is known.
    interface Arrival {
        /// Does so.
        ///
        /// @param client who connected, as the proxy says
        /// @param local where, as the proxy says
        /// @param proxy what else the proxy says; nothing when it speaks for itself
        void arrived(InetSocketAddress client, InetSocketAddress local, Optional<Proxy> proxy);
    }

    ProxyHeader(Arrival arrival) {
        this.arrival = arrival;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        timer =
                ctx.executor()
                        .schedule(
                                () -> refuse(ctx, "none within " + PATIENCE_SECONDS + " s"),
                                PATIENCE_SECONDS,
                                TimeUnit.SECONDS);
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        if (timer != null) {
            timer.cancel(false);
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object read) {
        HAProxyMessage header = (HAProxyMessage) read;
        try {
            ctx.pipeline().remove(this);
            InetSocketAddress peer = (InetSocketAddress) ctx.channel().remoteAddress();
            InetSocketAddress local = (InetSocketAddress) ctx.channel().localAddress();
            if (isOfItsOwn(header)) {
                arrival.arrived(peer, local, Optional.empty());
            } else {
                arrival.arrived(
                        address(header.sourceAddress(), header.sourcePort()),
                        address(header.destinationAddress(), header.destinationPort()),
                        Optional.of(new Proxy(peer, authority(header.tlvs()), tls(header.tlvs()))));
            }
        } finally {
            header.release();
        }
    }

    /// A proxy that checks our health has no client, and one that does not know its client says so.
    private static boolean isOfItsOwn(HAProxyMessage header) {
        AddressFamily family = header.proxiedProtocol().addressFamily();
        boolean internet = family == AddressFamily.AF_IPv4 || family == AddressFamily.AF_IPv6;
        return header.command() == HAProxyCommand.LOCAL || !internet;
    }

    /// The decoder has checked that these are addresses.
    private static InetSocketAddress address(String text, int port) {
        return new InetSocketAddress(InetAddress.ofLiteral(text), port);
    }

    private static Optional<String> authority(List<HAProxyTLV> extras) {
        return extras.stream()
                .filter(it -> it.type() == HAProxyTLV.Type.PP2_TYPE_AUTHORITY)
                .findFirst()
                .map(it -> plain(it.content()))
                .filter(ProxyHeader::isHostName);
    }

    private static boolean isHostName(String text) {
        try {
            return !Domain.name(text).toString().isEmpty();
        } catch (MailSyntaxException e) {
            return false;
        }
    }

    /// A proxy passes on what its client says: what is too long for a name, or has controls, is
    /// dropped.
    private static String plain(ByteBuf octets) {
        if (octets.readableBytes() > MAX_TEXT) {
            return "";
        }
        String text = octets.toString(StandardCharsets.UTF_8);
        return text.chars().anyMatch(Character::isISOControl) ? "" : text;
    }

    private static Optional<Proxied> tls(List<HAProxyTLV> extras) {
        return extras.stream()
                .filter(HAProxySSLTLV.class::isInstance)
                .map(HAProxySSLTLV.class::cast)
                .filter(HAProxySSLTLV::isPP2ClientSSL)
                .findFirst()
                .map(
                        it ->
                                new Proxied(
                                        text(it, TLS_VERSION),
                                        text(it, TLS_CIPHER),
                                        text(it, TLS_COMMON_NAME),
                                        it.isPP2ClientCertConn() && it.verify() == 0));
    }

    private static String text(HAProxySSLTLV tls, byte type) {
        return tls.encapsulatedTLVs().stream()
                .filter(it -> it.typeByteValue() == type)
                .findFirst()
                .map(it -> plain(it.content()))
                .orElse("");
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof ChannelInputShutdownEvent) {
            refuse(ctx, "the connection ended");
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        refuse(ctx, String.valueOf(cause.getMessage()));
    }

    private static void refuse(ChannelHandlerContext ctx, String why) {
        LOG.info("no PROXY header from {}: {}", ctx.channel().remoteAddress(), why);
        ctx.close();
    }
}
