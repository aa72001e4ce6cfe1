/// A plugin for a test.
module org.posthorn.sample.clashing {
    requires org.posthorn.api;
    requires org.apache.commons.io;

    provides org.posthorn.api.plugin.Plugin with
            org.posthorn.sample.clashing.ClashingPlugin;
}
