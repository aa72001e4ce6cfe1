package org.posthorn.delivery;

import java.util.List;
import java.util.Optional;

/// A route, and how to behave on it. Immutable.
///
/// @param to where it leads
/// @param tls how well its sessions must be secured
/// @param fingerprints what its servers' certificates or keys must be, where that is how
/// @param login who we are to its server, if we have to say so
/// @param schedule when to try again
/// @param windows when it is open; always, where there are none
/// @param sendXforward whether its server is told where messages came from
record Way(
        Route to,
        TlsLevel tls,
        List<Fingerprint> fingerprints,
        Optional<LoginConfig> login,
        RetrySchedule schedule,
        List<DeliveryWindow> windows,
        boolean sendXforward) {}
