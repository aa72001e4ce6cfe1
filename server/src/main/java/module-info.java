import org.jspecify.annotations.NullMarked;

/// The program: configuration, wiring, plugin loading, management and command line.
@NullMarked
module org.posthorn.server {
    requires org.posthorn.api;
    requires org.posthorn.smtp;
    requires org.posthorn.queue;
    requires org.posthorn.delivery;
    requires org.slf4j;
    requires ch.qos.logback.classic;
    requires com.google.guice;
    requires com.google.common;
    requires typesafe.config;
    requires info.picocli;
    requires static org.jspecify;

    uses org.posthorn.api.plugin.Plugin;
}
