package org.posthorn.server.assembly;

import com.google.inject.Exposed;
import com.google.inject.PrivateModule;
import com.google.inject.Provides;
import com.google.inject.Singleton;

import org.posthorn.api.dns.Resolver;
import org.posthorn.api.event.MailObserver;
import org.posthorn.delivery.Delivery;
import org.posthorn.delivery.LocalHost;
import org.posthorn.delivery.RetrySchedule;
import org.posthorn.delivery.Routes;
import org.posthorn.queue.Queue;
import org.posthorn.smtp.EventLoops;
import org.posthorn.smtp.client.ClientTls;
import org.posthorn.smtp.client.SmtpClient;
import org.posthorn.smtp.server.ListenerConfig;

import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;
import java.util.random.RandomGenerator;

/// Wires the sending side.
///
/// Needs: `Configuration`, `Queue`, `Resolver`, `MailObserver`, `InstantSource`, `RandomGenerator`,
/// `EventLoops`. Offers: `Delivery`, `Routes`.
final class DeliveryModule extends PrivateModule {
    @Override
    protected void configure() {}

    @Provides
    @Singleton
    Delivery.Surroundings surroundings(
            PosthornConfig config,
            Queue queue,
            Resolver dns,
            MailObserver observer,
            InstantSource clock,
            RandomGenerator random,
            EventLoops loops)
            throws IOException {
        Optional<Path> authorities = config.delivery().trustedCertificates();
        ClientTls tls =
                authorities.isPresent()
                        ? ClientTls.trusting(authorities.get())
                        : ClientTls.standard();
        SmtpClient client = new SmtpClient(loops, config.delivery().timeouts(), tls, random);
        return new Delivery.Surroundings(
                queue, dns, client, observer, clock, random, Thread::sleep, loops::after);
    }

    @Provides
    @Exposed
    @Singleton
    Routes routes(Configuration configuration) {
        PosthornConfig settings = configuration.settings();
        return Routes.of(
                settings.routes(), configuration.home(), RetrySchedule.of(settings.queue()));
    }

    @Provides
    @Exposed
    @Singleton
    Delivery delivery(PosthornConfig config, Routes routes, Delivery.Surroundings surroundings) {
        return new Delivery(
                config.delivery(),
                config.bounces(),
                routes,
                new LocalHost(
                        config.hostname().ascii(),
                        config.listeners().values().stream()
                                .map(ListenerConfig::socketAddress)
                                .toList()),
                surroundings);
    }
}
