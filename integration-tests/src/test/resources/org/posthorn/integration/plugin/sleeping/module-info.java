/// A plugin for a test.
module org.posthorn.sample.sleeping {
    requires org.posthorn.api;

    provides org.posthorn.api.plugin.Plugin with
            org.posthorn.sample.sleeping.SleepingPlugin;
}
