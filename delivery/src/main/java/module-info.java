import org.jspecify.annotations.NullMarked;

/// Gets queued mail to where it is going: routes, MX lookup, outgoing sessions, retries, bounces.
@NullMarked
module org.posthorn.delivery {
    requires transitive org.posthorn.api;
    requires transitive org.posthorn.smtp;
    requires transitive org.posthorn.queue;
    requires java.net.http;
    requires apache.mime4j;
    requires org.slf4j;
    requires org.dnsjava;
    requires static org.jspecify;

    exports org.posthorn.delivery;
}
