package org.posthorn.server.management;

import org.posthorn.delivery.Delivery;
import org.posthorn.delivery.RouteConfig;
import org.posthorn.server.mxbean.DeliveryMXBean;

import java.util.List;

/// Delivery behind its contract.
public final class DeliveryBean implements DeliveryMXBean {
    private final Delivery delivery;
    private final List<Route> routes;

    /// Makes one.
    public DeliveryBean(Delivery delivery, List<RouteConfig> routes) {
        this.delivery = delivery;
        this.routes = routes.stream().map(it -> new Route(it.domains(), it.to())).toList();
    }

    @Override
    public long getActive() {
        return delivery.counters().active();
    }

    @Override
    public long getDelivered() {
        return delivery.counters().delivered();
    }

    @Override
    public long getDeferred() {
        return delivery.counters().deferred();
    }

    @Override
    public long getFailed() {
        return delivery.counters().failed();
    }

    @Override
    public long getBounces() {
        return delivery.counters().bounces();
    }

    @Override
    public long getDoubleBounces() {
        return delivery.counters().doubleBounces();
    }

    @Override
    public long getDiscardedBounces() {
        return delivery.counters().discardedBounces();
    }

    @Override
    public long getUnsettled() {
        return delivery.counters().unsettled();
    }

    @Override
    public List<Route> getRoutes() {
        return routes;
    }
}
