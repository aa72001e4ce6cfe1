package org.posthorn.server.assembly;

import com.google.inject.Exposed;
import com.google.inject.PrivateModule;
import com.google.inject.Provides;
import com.google.inject.Singleton;

import org.posthorn.api.dns.Resolver;
import org.posthorn.api.event.MailObserver;
import org.posthorn.delivery.Delivery;
import org.posthorn.delivery.OutgoingTls;
import org.posthorn.delivery.Routes;
import org.posthorn.delivery.TlsCheck;
import org.posthorn.queue.Queue;
import org.posthorn.queue.RocksQueue;
import org.posthorn.server.management.Counters;
import org.posthorn.server.management.DeliveryBean;
import org.posthorn.server.management.OutgoingTlsBean;
import org.posthorn.server.management.PluginsBean;
import org.posthorn.server.management.QueueBean;
import org.posthorn.server.management.ServerBean;
import org.posthorn.server.management.SitesBean;
import org.posthorn.server.management.StoreBean;
import org.posthorn.server.mxbean.DeliveryMXBean;
import org.posthorn.server.mxbean.OutgoingTlsMXBean;
import org.posthorn.server.mxbean.PluginsMXBean;
import org.posthorn.server.mxbean.QueueMXBean;
import org.posthorn.server.mxbean.ServerMXBean;
import org.posthorn.server.mxbean.SitesMXBean;
import org.posthorn.server.mxbean.StoreMXBean;
import org.posthorn.smtp.client.SmtpClient;
import org.posthorn.smtp.server.HookChain;

import java.time.InstantSource;
import java.util.random.RandomGenerator;

/// Wires the beans that can be made before the listeners are bound.
///
/// Needs: `Configuration`, `Queue`, `RocksQueue`, `Routes`, `Delivery`, `HookChain`,
/// `MailObserver`, `Counters`, `InstantSource`, `Resolver`, `SmtpClient`, `OutgoingTls`,
/// `RandomGenerator`. Offers: the beans by their contracts.
final class ManagementModule extends PrivateModule {
    @Override
    protected void configure() {}

    @Provides
    @Exposed
    @Singleton
    ServerMXBean server(PosthornConfig config, InstantSource clock, Counters counters) {
        return new ServerBean(Version.TEXT, config.hostname().toString(), clock, counters);
    }

    @Provides
    @Exposed
    @Singleton
    QueueMXBean queue(
            Queue queue,
            Routes routes,
            Delivery delivery,
            MailObserver observer,
            InstantSource clock) {
        return new QueueBean(queue, routes, delivery::delay, observer, clock);
    }

    @Provides
    @Exposed
    @Singleton
    StoreMXBean store(
            RocksQueue queue,
            PosthornConfig config,
            Routes routes,
            MailObserver observer,
            InstantSource clock) {
        return new StoreBean(
                queue,
                config.dataDirectory(),
                routes,
                observer,
                clock,
                StoppedServer.largestImport(config));
    }

    @Provides
    @Exposed
    @Singleton
    DeliveryMXBean delivery(Delivery delivery, PosthornConfig config) {
        return new DeliveryBean(delivery, config.routes());
    }

    @Provides
    @Exposed
    @Singleton
    SitesMXBean sites(Delivery delivery) {
        return new SitesBean(delivery.sites());
    }

    @Provides
    @Exposed
    @Singleton
    OutgoingTlsMXBean outgoingTls(
            PosthornConfig config,
            Routes routes,
            Resolver dns,
            SmtpClient client,
            OutgoingTls tls,
            InstantSource clock,
            RandomGenerator random) {
        var surroundings = new TlsCheck.Surroundings(Outgoing.us(config), dns, client, tls, clock);
        return new OutgoingTlsBean(
                tls, new TlsCheck(config.delivery(), routes, surroundings, random));
    }

    @Provides
    @Exposed
    @Singleton
    PluginsMXBean plugins(Configuration configuration, HookChain hooks, Counters counters) {
        return new PluginsBean(configuration.catalog(), configuration.plugins(), hooks, counters);
    }
}
