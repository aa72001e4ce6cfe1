import org.jspecify.annotations.NullMarked;

/// SMTP on the wire, both sides: codec, server session, client session.
@NullMarked
module org.posthorn.smtp {
    requires transitive org.posthorn.api;
    requires transitive io.netty.transport;
    requires transitive io.netty.handler;
    requires org.slf4j;
    requires io.netty.common;
    requires io.netty.buffer;
    requires io.netty.codec;
    requires io.netty.codec.haproxy;
    requires io.netty.transport.classes.epoll;
    requires apache.mime4j;
    requires com.ongres.saslprep;
    requires static org.jspecify;

    exports org.posthorn.smtp;
    exports org.posthorn.smtp.client;
    exports org.posthorn.smtp.rate;
    exports org.posthorn.smtp.sasl;
    exports org.posthorn.smtp.server;
    exports org.posthorn.smtp.tls;
}
