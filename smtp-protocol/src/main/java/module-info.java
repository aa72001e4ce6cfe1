import org.jspecify.annotations.NullMarked;

/// SMTP on the wire, both sides: codec, server session, client session.
@NullMarked
module org.posthorn.smtp {
    requires transitive org.posthorn.api;
    requires org.slf4j;
    requires io.netty.common;
    requires io.netty.buffer;
    requires io.netty.transport;
    requires io.netty.codec;
    requires io.netty.handler;
    requires io.netty.transport.classes.epoll;
    requires io.netty.transport.classes.io_uring;
    requires static org.jspecify;
}
