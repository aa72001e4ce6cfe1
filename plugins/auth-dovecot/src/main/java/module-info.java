import org.jspecify.annotations.NullMarked;
import org.posthorn.api.plugin.Plugin;
import org.posthorn.plugin.authdovecot.AuthDovecotPlugin;

/// Knows clients by asking Dovecot.
@NullMarked
module org.posthorn.plugin.authdovecot {
    requires org.posthorn.api;
    requires static org.jspecify;

    provides Plugin with
            AuthDovecotPlugin;
}
