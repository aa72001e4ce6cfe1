package org.posthorn.delivery;

import org.posthorn.api.config.Default;
import org.posthorn.api.config.Help;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// One entry of `routes` in `posthorn.conf`. Immutable.
///
/// @param domains which recipients' domains it is for: `example.org`, `.example.org` or
///     `*.example.org` for all below it but not itself, `*` for all
/// @param to `mx`, `smtp://host:port`, `smtps://host:port`, `lmtp://host:port`, `maildir:path`,
///     `pipe:/program arguments`, `error:5.1.1 text`, `hold` or `discard`
/// @param tls how well sessions must be secured
/// @param login who we are to the server, if we have to say so
/// @param retry when to try again, where that is not as the `queue` block says
/// @param windows when mail may be delivered: `Mon-Fri 08:00-18:00 Europe/Berlin`; always, where
///     there are none
/// @param sendXforward whether the server is told where messages came from
/// @param tlsFingerprints what certificates or keys must be, where `tls` is `fingerprint`
/// @param when what else must hold
public record RouteConfig(
        @Help("Recipients' domains: example.org, *.example.org for all below it, * for all.")
                List<String> domains,
        @Help(
                        "mx, smtp://host:port, smtps://host:port (TLS from the first octet), lmtp://host:port (several servers with commas: the next where one does not answer), maildir:path, pipe:/program arguments, error:5.1.1 text, hold or discard.")
                String to,
        @Help(
                        """
                        none: no TLS; may: where the server offers it; encrypt: always; verify: \
                        always, with a trusted certificate for the server's name; fingerprint: \
                        always, with one of tls-fingerprints; dane: always, with a certificate \
                        that matches TLSA records. For may and encrypt, what the recipient's \
                        domain asks for by DANE and MTA-STS counts as well.""")
                @Default("may")
                TlsLevel tls,
        @Help("Log in at the server (AUTH).") Optional<LoginConfig> login,
        @Help("When to try again and when to give up, where that is not as in the queue block.")
                Optional<RetryConfig> retry,
        @Help(
                        "When mail may be delivered, such as Mon-Fri 08:00-18:00 Europe/Berlin or Sat,Sun 22:00-06:00 UTC; the rest of the time it waits. Without any, always.")
                @Default("[]")
                List<String> windows,
        @Help(
                        """
                        Tell the server where each message came from, if it offers XFORWARD: for \
                        filters and gateways of one's own, which must trust this server.""")
                @Default("false")
                boolean sendXforward,
        @Help(
                        """
                        SHA-256 of certificates or public keys, in hexadecimal digits with or \
                        without colons: one of them is shown by each server of the route.""")
                @Default("[]")
                List<String> tlsFingerprints,
        @Help("What else must hold of mail for this route; without it, only the domain counts.")
                Optional<RouteConditions> when) {

    /// Checks that all can be understood, and goes together.
    ///
    /// @throws IllegalArgumentException naming the setting, what was expected and what was found
    public RouteConfig {
        domains = List.copyOf(domains);
        try {
            checkDomains(domains);
        } catch (IllegalArgumentException e) {
            addRefusalOf(to, e);
            throw e;
        }
        windows = List.copyOf(windows);
        windows.forEach(DeliveryWindow::parse);
        Route route = Route.parse(to, Path.of(""));
        if (login.isPresent() && !(route instanceof Route.Smtp)) {
            throw new IllegalArgumentException("login: only for smtp:// and smtps://, not " + to);
        }
        if (sendXforward && !(route instanceof Route.Smtp || route instanceof Route.Lmtp)) {
            throw new IllegalArgumentException(
                    "send-xforward: only for smtp://, smtps:// and lmtp://, not " + to);
        }
        if (route instanceof Route.Smtp(_, boolean implicit) && implicit && tls == TlsLevel.NONE) {
            throw new IllegalArgumentException("tls: none does not go with smtps://");
        }
        tlsFingerprints = List.copyOf(tlsFingerprints);
        checkFingerprints(tls, tlsFingerprints);
    }

    private static void checkFingerprints(TlsLevel tls, List<String> fingerprints) {
        if ((tls == TlsLevel.FINGERPRINT) == fingerprints.isEmpty()) {
            throw new IllegalArgumentException(
                    "tls-fingerprints: name at least one with tls = fingerprint, and none otherwise");
        }
        try {
            fingerprints.forEach(Fingerprint::parse);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("tls-fingerprints: " + e.getMessage(), e);
        }
    }

    /// Checks that mail lives long enough to see a window open.
    ///
    /// @param lifetime how long it lives where the route says nothing else
    /// @throws IllegalArgumentException saying how long the route stays closed
    public void checkLifetime(Duration lifetime) {
        Duration its = retry.flatMap(RetryConfig::lifetime).orElse(lifetime);
        Duration closed =
                DeliveryWindow.longestClosed(windows.stream().map(DeliveryWindow::parse).toList());
        if (its.compareTo(closed) < 0) {
            throw new IllegalArgumentException(
                    "windows: the route stays closed for %d minutes at once, and mail is given up after"
                                    .formatted(closed.toMinutes())
                            + " %d: expected a longer lifetime (queue.lifetime, or lifetime under retry"
                                    .formatted(its.toMinutes())
                            + " of the route), or more windows");
        }
    }

    private static void checkDomains(List<String> domains) {
        if (domains.isEmpty()) {
            throw new IllegalArgumentException("domains: name at least one, or \"*\" for all");
        }
        domains.forEach(DomainPattern::parse);
    }

    /// Tells of both at once: neither has a default that could take its place.
    private static void addRefusalOf(String to, IllegalArgumentException e) {
        try {
            Route.parse(to, Path.of(""));
        } catch (IllegalArgumentException more) {
            e.addSuppressed(more);
        }
    }

    /// Makes a route with TLS where it is offered, and no login.
    ///
    /// @throws IllegalArgumentException as the other constructor
    public RouteConfig(List<String> domains, String to) {
        this(domains, to, TlsLevel.MAY, Optional.empty());
    }

    /// Makes a route without fingerprints, for which only the domain counts.
    ///
    /// @throws IllegalArgumentException as the other constructor
    public RouteConfig(
            List<String> domains,
            String to,
            TlsLevel tls,
            Optional<LoginConfig> login,
            Optional<RetryConfig> retry,
            List<String> windows,
            boolean sendXforward) {
        this(domains, to, tls, login, retry, windows, sendXforward, List.of(), Optional.empty());
    }

    /// Makes a route that is always open, retries as the `queue` block says, and tells nobody where
    /// messages came from.
    ///
    /// @throws IllegalArgumentException as the other constructor
    public RouteConfig(List<String> domains, String to, TlsLevel tls, Optional<LoginConfig> login) {
        this(domains, to, tls, login, Optional.empty(), List.of(), false);
    }
}
