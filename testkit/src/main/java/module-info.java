import org.jspecify.annotations.NullMarked;

/// For plugin authors and our own tests: scripted dialogues, in-memory DNS, a clock by hand.
@NullMarked
module org.posthorn.testkit {
    requires transitive org.posthorn.api;
    requires transitive org.posthorn.smtp;
    requires io.netty.buffer;
    requires io.netty.transport;
    requires static org.jspecify;

    exports org.posthorn.testkit;
    exports org.posthorn.testkit.dialogue;
    exports org.posthorn.testkit.remote;
}
