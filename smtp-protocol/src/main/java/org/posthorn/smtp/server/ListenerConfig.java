package org.posthorn.smtp.server;

import org.posthorn.api.config.Default;
import org.posthorn.api.config.Help;
import org.posthorn.api.net.Network;
import org.posthorn.smtp.tls.ClientPolicy;
import org.posthorn.smtp.tls.ClientPolicy.ClientCertificates;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// One block of `listeners`. Immutable.
///
/// @param address the IP address to listen on
/// @param port the port
/// @param kind whom it serves
/// @param tls how TLS begins
/// @param discardEhloKeywords what is not offered, and so not honoured
/// @param bareLineEnds what becomes of content with a CR or LF alone
/// @param etrn whether clients may ask for their own mail (RFC 1985)
/// @param clientCertificates whether clients are asked for a certificate
/// @param clientAuthorities who vouches for the certificates of clients
/// @param auth whether clients authenticate; when nothing is said, it follows from the kind
/// @param proxyProtocol which proxies tell us of their clients
/// @param xclientHosts who may say for whom it connects (XCLIENT)
/// @param xforwardHosts who may say whom it has mail from (XFORWARD)
public record ListenerConfig(
        @Help("IP address to listen on: 0.0.0.0 or :: for all.") @Default("127.0.0.1")
                String address,
        @Help("TCP port, 1 to 65535; 0 for any free one.") int port,
        @Help(
                        """
                        Whom it serves: smtp is for other mail servers; submission is for users, who \
                        authenticate (RFC 6409); lmtp is for those who want a reply for each \
                        recipient (RFC 2033).""")
                @Default("smtp")
                Kind kind,
        @Help("How TLS begins: starttls, implicit, or none.") @Default("starttls") Tls tls,
        @Help("Keywords of EHLO that are not offered here, and not honoured: CHUNKING, PRDR, …")
                @Default("[]")
                List<String> discardEhloKeywords,
        @Help(
                        """
                        What becomes of content that has a CR or LF alone: reject refuses it by 554, \
                        normalise makes each a CRLF.""")
                @Default("reject")
                BareLineEnds bareLineEnds,
        @Help("Whether a client may have the mail of a domain tried again, by ETRN (RFC 1985).")
                @Default("false")
                boolean etrn,
        @Help(
                        """
                        Whether clients are asked for a certificate under TLS: none, request (plugins \
                        are shown it, good or not), or require (no TLS without a good one).""")
                @Default("none")
                ClientCertificates clientCertificates,
        @Help("PEM file with the certificates that those of clients must lead to.")
                Optional<Path> clientAuthorities,
        @Help(
                        """
                        Whether clients authenticate: required, offered, or none. When it is not \
                        said, required for submission, none for others.""")
                Optional<Auth> auth,
        @Help("Proxies in front of this listener.") ProxyProtocol proxyProtocol,
        @Help("Networks that may use XCLIENT, to speak for their clients: filters and proxies.")
                @Default("[]")
                List<Network> xclientHosts,
        @Help("Networks that may use XFORWARD, to tell from whom they have a message: filters.")
                @Default("[]")
                List<Network> xforwardHosts) {

    /// Checks address, port and keywords.
    ///
    /// @throws IllegalArgumentException when the address is a name or nothing at all, the port is
    ///     out of range, or a keyword is none of ours
    public ListenerConfig {
        try {
            InetAddress.ofLiteral(address);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "address must be an IP address such as 127.0.0.1 or ::1, not '" + address + "'",
                    e);
        }
        discardEhloKeywords = List.copyOf(discardEhloKeywords);
        discardEhloKeywords.forEach(Extension::named);
        new ClientPolicy(clientCertificates, clientAuthorities);
        xclientHosts = List.copyOf(xclientHosts);
        xforwardHosts = List.copyOf(xforwardHosts);
        // Last, since it has no default: behind its refusal, nothing else could be told.
        if (port < 0 || port > 65_535) {
            throw new IllegalArgumentException("port must be 0 to 65535, not " + port);
        }
    }

    /// Returns this block without some of the keywords that it offers.
    ///
    /// @throws IllegalArgumentException when one is none of ours
    public ListenerConfig discarding(List<String> keywords) {
        return copy(keywords, bareLineEnds, etrn, clientPolicy(), auth, trust());
    }

    /// Returns this block with another answer to bare line ends, and to `ETRN`.
    public ListenerConfig with(BareLineEnds otherBareLineEnds, boolean otherEtrn) {
        return copy(
                discardEhloKeywords, otherBareLineEnds, otherEtrn, clientPolicy(), auth, trust());
    }

    /// Returns this block with other wishes for clients under TLS.
    public ListenerConfig with(ClientPolicy policy) {
        return copy(discardEhloKeywords, bareLineEnds, etrn, policy, auth, trust());
    }

    /// Returns this block with another word on authentication.
    public ListenerConfig with(Auth other) {
        return copy(
                discardEhloKeywords,
                bareLineEnds,
                etrn,
                clientPolicy(),
                Optional.of(other),
                trust());
    }

    /// Returns this block with others who may speak for their clients.
    public ListenerConfig trusting(
            ProxyProtocol proxies, List<Network> xclient, List<Network> xforward) {
        return copy(
                discardEhloKeywords,
                bareLineEnds,
                etrn,
                clientPolicy(),
                auth,
                new Trust(proxies, xclient, xforward));
    }

    private record Trust(ProxyProtocol proxies, List<Network> xclient, List<Network> xforward) {}

    private Trust trust() {
        return new Trust(proxyProtocol, xclientHosts, xforwardHosts);
    }

    private ListenerConfig copy(
            List<String> keywords,
            BareLineEnds ends,
            boolean takesEtrn,
            ClientPolicy policy,
            Optional<Auth> authenticating,
            Trust trust) {
        return new ListenerConfig(
                address,
                port,
                kind,
                tls,
                keywords,
                ends,
                takesEtrn,
                policy.certificates(),
                policy.authorities(),
                authenticating,
                trust.proxies(),
                trust.xclient(),
                trust.xforward());
    }

    /// Returns what is wanted of clients under TLS.
    public ClientPolicy clientPolicy() {
        return new ClientPolicy(
                clientCertificates, clientAuthorities, authentication() != Auth.NONE);
    }

    /// Makes a listener that has its defaults for everything else.
    ///
    /// @throws IllegalArgumentException as the constructor does
    public static ListenerConfig of(String address, int port, Kind kind, Tls tls) {
        return new ListenerConfig(
                address,
                port,
                kind,
                tls,
                List.of(),
                BareLineEnds.REJECT,
                false,
                ClientCertificates.NONE,
                Optional.empty(),
                Optional.empty(),
                ProxyProtocol.NONE,
                List.of(),
                List.of());
    }

    /// Returns address and port as the operating system wants them.
    public InetSocketAddress socketAddress() {
        return new InetSocketAddress(InetAddress.ofLiteral(address), port);
    }

    /// Returns whether clients authenticate.
    public Auth authentication() {
        return auth.orElse(kind == Kind.SUBMISSION ? Auth.REQUIRED : Auth.NONE);
    }

    /// Whether clients authenticate (RFC 4954).
    public enum Auth {
        /// They must.
        REQUIRED,
        /// They may.
        OFFERED,
        /// They cannot.
        NONE
    }

    /// Whom a listener serves.
    public enum Kind {
        /// Other mail servers (RFC 5321).
        SMTP,
        /// Users, who authenticate (RFC 6409).
        SUBMISSION,
        /// Who wants a reply for each recipient (RFC 2033).
        LMTP
    }

    /// What becomes of content that has a CR or LF alone.
    public enum BareLineEnds {
        /// It is refused.
        REJECT,
        /// Each becomes a CRLF.
        NORMALISE
    }

    /// How TLS begins.
    public enum Tls {
        /// It does not.
        NONE,
        /// When the client asks for it (RFC 3207); offered when there is a certificate.
        STARTTLS,
        /// With the first octet (RFC 8314).
        IMPLICIT
    }
}
