import org.jspecify.annotations.NullMarked;

/// For plugin authors and our own tests: scripted dialogues, in-memory DNS, a clock by hand.
@NullMarked
module org.posthorn.testkit {
    requires transitive org.posthorn.api;
    requires org.posthorn.smtp;
    requires org.slf4j;
    requires org.junit.jupiter.api;
    requires static org.jspecify;
}
