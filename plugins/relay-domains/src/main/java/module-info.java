import org.jspecify.annotations.NullMarked;

/// Accepts mail for the domains that this server receives for.
@NullMarked
module org.posthorn.plugin.relaydomains {
    requires org.posthorn.api;
    requires static org.jspecify;
}
