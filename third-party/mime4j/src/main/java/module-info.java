/// mime4j's own classes under a module name that does not hang on a file's name.
module apache.mime4j {
    requires org.apache.commons.io;

    exports org.apache.james.mime4j;
    exports org.apache.james.mime4j.codec;
    exports org.apache.james.mime4j.dom;
    exports org.apache.james.mime4j.dom.address;
    exports org.apache.james.mime4j.dom.field;
    exports org.apache.james.mime4j.field;
    exports org.apache.james.mime4j.field.address;
    exports org.apache.james.mime4j.io;
    exports org.apache.james.mime4j.message;
    exports org.apache.james.mime4j.parser;
    exports org.apache.james.mime4j.stream;
    exports org.apache.james.mime4j.util;
}
