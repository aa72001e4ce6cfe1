/// A plugin for a test.
module org.posthorn.sample.tokens {
    requires org.posthorn.api;

    provides org.posthorn.api.plugin.Plugin with
            org.posthorn.sample.tokens.TokensPlugin;
}
