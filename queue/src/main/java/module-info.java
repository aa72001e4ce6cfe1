import org.jspecify.annotations.NullMarked;

/// The durable to-do list: what was accepted and is not yet delivered.
@NullMarked
module org.posthorn.queue {
    requires transitive org.posthorn.api;
    requires org.slf4j;
    requires rocksdbjni;
    requires static org.jspecify;

    exports org.posthorn.queue;
}
