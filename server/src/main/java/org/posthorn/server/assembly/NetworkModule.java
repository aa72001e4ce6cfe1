package org.posthorn.server.assembly;

import com.google.inject.Exposed;
import com.google.inject.PrivateModule;
import com.google.inject.Provides;
import com.google.inject.Singleton;

import org.posthorn.api.dns.Resolver;
import org.posthorn.delivery.DnsResolver;
import org.posthorn.smtp.EventLoops;

import java.io.IOException;
import java.time.InstantSource;

/// Wires what both sides of the server use of the network.
///
/// Needs: `PosthornConfig`, `InstantSource`, `Teardown`. Offers: `EventLoops`, `Resolver`.
final class NetworkModule extends PrivateModule {
    @Override
    protected void configure() {}

    @Provides
    @Exposed
    @Singleton
    EventLoops loops(Teardown teardown) {
        return teardown.closing(EventLoops.start(Runtime.getRuntime().availableProcessors()));
    }

    @Provides
    @Exposed
    @Singleton
    Resolver resolver(PosthornConfig config, InstantSource clock) throws IOException {
        return new DnsResolver(config.dns(), clock);
    }
}
