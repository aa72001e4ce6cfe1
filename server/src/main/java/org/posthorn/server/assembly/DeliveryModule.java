package org.posthorn.server.assembly;

import com.google.inject.Exposed;
import com.google.inject.PrivateModule;
import com.google.inject.Provides;
import com.google.inject.Singleton;

import org.posthorn.api.dns.Resolver;
import org.posthorn.api.event.MailObserver;
import org.posthorn.delivery.Delivery;
import org.posthorn.delivery.OutgoingTls;
import org.posthorn.delivery.RetrySchedule;
import org.posthorn.delivery.Routes;
import org.posthorn.queue.Queue;
import org.posthorn.smtp.EventLoops;
import org.posthorn.smtp.client.ClientTls;
import org.posthorn.smtp.client.SmtpClient;

import java.io.IOException;
import java.time.InstantSource;
import java.util.random.RandomGenerator;

/// Wires the sending side.
///
/// Needs: `Configuration`, `Queue`, `Resolver`, `MailObserver`, `InstantSource`, `RandomGenerator`,
/// `EventLoops`, `Teardown`. Offers: `Delivery`, `Routes`, `OutgoingTls`, `SmtpClient`.
final class DeliveryModule extends PrivateModule {
    @Override
    protected void configure() {}

    @Provides
    @Singleton
    ClientTls authorities(PosthornConfig config) throws IOException {
        return Outgoing.authorities(config);
    }

    @Provides
    @Exposed
    @Singleton
    OutgoingTls tls(
            PosthornConfig config,
            ClientTls authorities,
            Resolver dns,
            InstantSource clock,
            Teardown teardown)
            throws IOException {
        return teardown.closing(
                OutgoingTls.open(
                        config.outgoingTls(),
                        Outgoing.directory(config),
                        dns,
                        Outgoing.policyHost(config, dns, authorities),
                        clock));
    }

    @Provides
    @Exposed
    @Singleton
    SmtpClient client(
            PosthornConfig config,
            ClientTls authorities,
            RandomGenerator random,
            EventLoops loops) {
        return new SmtpClient(loops, config.delivery().timeouts(), authorities, random);
    }

    @Provides
    @Singleton
    Delivery.Surroundings surroundings(
            Queue queue,
            Resolver dns,
            SmtpClient client,
            OutgoingTls tls,
            MailObserver observer,
            InstantSource clock,
            RandomGenerator random,
            EventLoops loops) {
        return new Delivery.Surroundings(
                queue, dns, client, tls, observer, clock, random, Thread::sleep, loops::after);
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
                config.delivery(), config.bounces(), routes, Outgoing.us(config), surroundings);
    }
}
