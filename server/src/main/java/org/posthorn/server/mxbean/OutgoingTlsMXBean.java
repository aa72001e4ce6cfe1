package org.posthorn.server.mxbean;

import org.posthorn.api.config.Help;
import org.posthorn.delivery.TlsReport;

import java.util.List;

/// What is known of other domains' TLS, as our operator sees it.
@Help("TLS with other servers: what is known of their domains.")
public interface OutgoingTlsMXBean {

    @Help("Domains that are remembered for verified TLS: mail for them waits where they lose it.")
    int getRememberedDomains();

    @Help("Remembered domains for which attempts failed because verified TLS was gone.")
    int getBlockedDomains();

    @Help(
            """
            Lists remembered domains: first those where mail waits for TLS, then the one verified \
            last. At most so many.""")
    List<RememberedDomain> remembered(@Help("How many at the most.") int limit);

    @Help(
            """
            Forgets that a domain had verified TLS, and its MTA-STS policy. Returns whether there was \
            anything.""")
    boolean forget(@Help("The domain's name.") String domain);

    @Help(
            """
            Finds out how mail for a domain would be secured now, and talks to its servers to prove \
            it. Sends no mail. Takes as long as the slowest of them.""")
    TlsReport check(@Help("The domain's name.") String domain);

    /// One domain.
    ///
    /// @param domain its name, in ASCII
    /// @param verifiedBy by what it was verified last: `dane` or `certificate`
    /// @param host the exchanger that it was verified with last
    /// @param since when that was first
    /// @param last when that was last, to the hour
    /// @param blocked how many attempts failed since the start because that was gone
    record RememberedDomain(
            String domain,
            String verifiedBy,
            String host,
            String since,
            String last,
            long blocked) {}
}
