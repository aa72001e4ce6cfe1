package org.posthorn.server.mxbean;

import org.posthorn.api.config.Help;

import java.util.List;

/// Delivery as its operator sees it.
@Help("How accepted mail leaves.")
public interface DeliveryMXBean {

    @Help("Attempts that run now.")
    long getActive();

    @Help("Recipients delivered to, since the start.")
    long getDelivered();

    @Help("Recipients whose attempt will be repeated, since the start.")
    long getDeferred();

    @Help("Recipients given up, since the start.")
    long getFailed();

    @Help("Bounces made, since the start.")
    long getBounces();

    @Help(
            "Bounces that could not be delivered, and were reported to bounces.double-bounce-recipient, since the start.")
    long getDoubleBounces();

    @Help("Bounces that could not be delivered, and were discarded, since the start.")
    long getDiscardedBounces();

    @Help("Results that the store could not write yet. They are kept and tried again.")
    long getUnsettled();

    @Help("Where mail goes, by the recipient's domain: the first that matches.")
    List<Route> getRoutes();

    /// One entry of the route table.
    ///
    /// @param domains which recipients' domains it is for
    /// @param to where their mail goes
    record Route(List<String> domains, String to) {
        /// Copies the list.
        public Route {
            domains = List.copyOf(domains);
        }
    }
}
