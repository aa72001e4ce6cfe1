package org.posthorn.delivery;

import java.util.List;

/// How mail for a domain would be secured on its way now, and what its servers showed. Immutable.
///
/// @param domain the recipient's domain
/// @param route where its mail goes: `to` of its route
/// @param tls what the route says
/// @param finding what there is to say where there is no server to try
/// @param servers each server that mail may go to, in the order in which it would be tried
public record TlsReport(
        String domain, String route, String tls, String finding, List<Server> servers) {

    /// Copies the list.
    public TlsReport {
        servers = List.copyOf(servers);
    }

    /// One address of a server.
    ///
    /// @param host its name
    /// @param address its address and port
    /// @param because what was found out about it, and decides
    /// @param demands what its sessions must be like; nothing for mail in clear, if need be
    /// @param session what it offered: `TLSv1.3 TLS_AES_256_GCM_SHA384`, or why there is none
    /// @param names the host names in its certificate
    /// @param issuer who made its certificate
    /// @param validUntil when its certificate expires
    /// @param distrust why no trusted authority vouches for its certificate; empty when one does
    /// @param verdict what becomes of mail
    /// @param usable whether mail goes there
    public record Server(
            String host,
            String address,
            List<String> because,
            List<String> demands,
            String session,
            List<String> names,
            String issuer,
            String validUntil,
            String distrust,
            String verdict,
            boolean usable) {
        /// Copies the lists.
        public Server {
            because = List.copyOf(because);
            demands = List.copyOf(demands);
            names = List.copyOf(names);
        }
    }
}
