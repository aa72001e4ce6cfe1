/// A plugin for benchmarks.
module discard {
    requires org.posthorn.api;

    exports discard;

    provides org.posthorn.api.plugin.Plugin with
            discard.Discard;
}
