import org.jspecify.annotations.NullMarked;
import org.posthorn.api.plugin.Plugin;
import org.posthorn.plugin.relayclients.RelayClientsPlugin;

/// Accepts mail for anywhere from trusted networks.
@NullMarked
module org.posthorn.plugin.relayclients {
    requires org.posthorn.api;
    requires static org.jspecify;

    provides Plugin with
            RelayClientsPlugin;
}
