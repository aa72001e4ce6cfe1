/// The nouns of mail, the hooks, and the contracts that plugins implement.
///
/// Everything that a plugin needs is here, and nothing else is visible to it. The API has no
/// dependency but SLF4J for logging and JSpecify for nullness, so that a plugin's own libraries
/// never meet the server's.
@org.jspecify.annotations.NullMarked
module org.posthorn.api {
    requires transitive org.slf4j;
    requires static transitive org.jspecify;

    exports org.posthorn.api.auth;
    exports org.posthorn.api.config;
    exports org.posthorn.api.delivery;
    exports org.posthorn.api.dns;
    exports org.posthorn.api.event;
    exports org.posthorn.api.intake;
    exports org.posthorn.api.mail;
    exports org.posthorn.api.net;
    exports org.posthorn.api.plugin;
    exports org.posthorn.api.smtp;
}
