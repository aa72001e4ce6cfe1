import ch.qos.logback.classic.spi.Configurator;

import org.jspecify.annotations.NullMarked;
import org.posthorn.api.plugin.Plugin;
import org.posthorn.server.log.DeveloperLog;

/// The program: configuration, wiring, plugin loading, management and command line.
@NullMarked
module org.posthorn.server {
    requires transitive org.posthorn.api;
    requires org.posthorn.smtp;
    requires org.posthorn.queue;
    requires transitive org.posthorn.delivery;
    requires org.slf4j;
    requires ch.qos.logback.classic;
    requires ch.qos.logback.core;
    requires com.google.guice;
    requires typesafe.config;
    requires info.picocli;
    requires tools.jackson.core;
    requires java.management;
    requires java.management.rmi;
    requires java.rmi;
    requires static org.jspecify;

    // The beans' contracts, for those who manage the server from other programs.
    exports org.posthorn.server.mxbean;

    opens org.posthorn.server.assembly to
            com.google.guice;
    opens org.posthorn.server.command to
            info.picocli;

    uses Plugin;

    provides Configurator with
            DeveloperLog;
}
