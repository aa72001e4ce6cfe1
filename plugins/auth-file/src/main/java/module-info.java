import org.jspecify.annotations.NullMarked;
import org.posthorn.api.plugin.Plugin;
import org.posthorn.plugin.authfile.AuthFilePlugin;

/// Knows clients by a file of accounts.
@NullMarked
module org.posthorn.plugin.authfile {
    requires org.posthorn.api;
    requires static org.jspecify;

    provides Plugin with
            AuthFilePlugin;
}
