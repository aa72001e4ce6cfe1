import org.jspecify.annotations.NullMarked;
import org.posthorn.api.plugin.Plugin;
import org.posthorn.plugin.relaydomains.RelayDomainsPlugin;

/// Accepts mail for the domains that this server receives for.
@NullMarked
module org.posthorn.plugin.relaydomains {
    requires org.posthorn.api;
    requires static org.jspecify;

    provides Plugin with
            RelayDomainsPlugin;
}
