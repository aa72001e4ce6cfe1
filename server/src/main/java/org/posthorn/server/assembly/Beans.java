package org.posthorn.server.assembly;

import com.google.inject.Inject;

import org.posthorn.server.management.CertificateWatch;
import org.posthorn.server.management.ListenersBean;
import org.posthorn.server.management.Management;
import org.posthorn.server.mxbean.DeliveryMXBean;
import org.posthorn.server.mxbean.ListenersMXBean;
import org.posthorn.server.mxbean.OutgoingTlsMXBean;
import org.posthorn.server.mxbean.PluginsMXBean;
import org.posthorn.server.mxbean.QueueMXBean;
import org.posthorn.server.mxbean.ServerMXBean;
import org.posthorn.server.mxbean.SitesMXBean;
import org.posthorn.server.mxbean.StoreMXBean;
import org.posthorn.server.mxbean.TlsMXBean;
import org.posthorn.smtp.server.SmtpServer;

import java.net.InetSocketAddress;
import java.util.Map;
import java.util.function.Supplier;

/// All that can be managed. Immutable.
///
/// @param server the server as a whole
/// @param smtp the listeners
/// @param queue the queue
/// @param store its files
/// @param delivery delivery
/// @param sites where mail goes
/// @param outgoingTls TLS with other servers
/// @param plugins the plugins
/// @param tls the certificates
record Beans(
        ServerMXBean server,
        SmtpServer smtp,
        QueueMXBean queue,
        StoreMXBean store,
        DeliveryMXBean delivery,
        SitesMXBean sites,
        OutgoingTlsMXBean outgoingTls,
        PluginsMXBean plugins,
        CertificateWatch tls) {

    @Inject
    Beans {}

    /// Exports all of them.
    ///
    /// @param bound tells where each listener listens
    void export(
            PosthornConfig config,
            Supplier<Map<String, InetSocketAddress>> bound,
            Management management,
            Teardown teardown) {
        ListenersMXBean listeners = new ListenersBean(smtp, config.listeners(), bound);
        teardown.closing(management.export(ServerMXBean.class, server));
        teardown.closing(management.export(ListenersMXBean.class, listeners));
        teardown.closing(management.export(QueueMXBean.class, queue));
        teardown.closing(management.export(StoreMXBean.class, store));
        teardown.closing(management.export(DeliveryMXBean.class, delivery));
        teardown.closing(management.export(SitesMXBean.class, sites));
        teardown.closing(management.export(OutgoingTlsMXBean.class, outgoingTls));
        teardown.closing(management.export(PluginsMXBean.class, plugins));
        teardown.closing(management.export(TlsMXBean.class, tls));
    }
}
