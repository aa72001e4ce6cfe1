import org.jspecify.annotations.NullMarked;

/// Accepts mail for anywhere from trusted networks.
@NullMarked
module org.posthorn.plugin.relayclients {
    requires org.posthorn.api;
    requires static org.jspecify;
}
