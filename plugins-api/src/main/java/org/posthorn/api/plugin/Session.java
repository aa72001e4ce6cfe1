package org.posthorn.api.plugin;

import org.posthorn.api.auth.Identity;
import org.posthorn.api.mail.Domain;

import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The facts of one connection, as far as it has got. For the session's hooks, on their thread.
public interface Session {

    /// Returns a name that is unique while the server runs: in the mail log, and at the head of
    /// everything of this session.
    String id();

    /// Returns the client's address and port.
    InetSocketAddress client();

    /// Returns our address and port that it connected to.
    InetSocketAddress local();

    /// Returns the name of the listener in the configuration.
    String listener();

    /// Returns when it connected.
    Instant since();

    /// Returns what the client last called itself by `EHLO` or `HELO`.
    Optional<String> helo();

    /// Tells whether it spoke `EHLO`: whether extensions are in use.
    boolean extended();

    /// Returns the facts of TLS, when it is in use.
    Optional<Tls> tls();

    /// Returns who the client has shown to be, once it has authenticated (RFC 4954). `STARTTLS`
    /// behind that makes it nobody again.
    default Optional<Authentication> authentication() {
        return Optional.empty();
    }

    /// Returns how often authentication has failed.
    default FailedAuthentications failedAuthentications() {
        return FailedAuthentications.NONE;
    }

    /// Returns how many commands came at the wrong time, and were refused for that (RFC 5321
    /// §4.1.4), such as `RCPT` before `MAIL`.
    default int misplacedCommands() {
        return 0;
    }

    /// That a client has authenticated.
    ///
    /// @param identity who it is
    /// @param mechanism the SASL mechanism, such as `SCRAM-SHA-256`
    /// @param source the plugin that knew it
    record Authentication(Identity identity, String mechanism, String source) {}

    /// Authentications that failed.
    ///
    /// @param inSession in this session
    /// @param fromNetwork from the client's network, in the window that `auth.window` sets, this
    ///     session's included
    record FailedAuthentications(int inSession, int fromNetwork) {
        /// None at all.
        public static final FailedAuthentications NONE = new FailedAuthentications(0, 0);
    }

    /// Tells whether the client spoke before it was greeted, which none is allowed to (RFC 5321
    /// §4.3.1). It is certain to be seen only where a greeting delay is configured.
    default boolean talkedEarly() {
        return false;
    }

    /// Returns the proxy that the client came through, when one told us of it by the PROXY
    /// protocol.
    default Optional<Proxy> proxy() {
        return Optional.empty();
    }

    /// Returns the client's host name, as a trusted peer found it and told us by `XCLIENT`.
    default Optional<String> clientName() {
        return Optional.empty();
    }

    /// Returns where the message of this transaction comes from, as a trusted peer told us by
    /// `XFORWARD`: by the attributes' names, such as `ADDR` and `HELO`; empty texts for what it
    /// does not know.
    default Map<String, String> forwarded() {
        return Map.of();
    }

    /// A proxy in front of us, and what it told of the client besides its address.
    ///
    /// @param address from where the proxy connected
    /// @param authority the host name that the client asked for, if the proxy says so and it is one
    /// @param tls the client's TLS, when it ends at the proxy
    record Proxy(InetSocketAddress address, Optional<String> authority, Optional<Proxied> tls) {}

    /// TLS between a client and a proxy. Texts are as the proxy gave them; empty where it did not,
    /// or where they have controls or more than 255 octets.
    ///
    /// @param protocol such as `TLSv1.3`
    /// @param cipher the cipher's name
    /// @param commonName that of the client's certificate
    /// @param verified whether the client showed a certificate and the proxy found it good
    record Proxied(String protocol, String cipher, String commonName, boolean verified) {}

    /// Facts of a connection's TLS.
    ///
    /// @param protocol such as `TLSv1.3`
    /// @param cipher such as `TLS_AES_256_GCM_SHA384`
    /// @param serverName the host name that the client asked for, if any (RFC 6066 §3)
    /// @param clientCertificate what the client showed, where the listener asks for it
    record Tls(
            String protocol,
            String cipher,
            Optional<Domain.Name> serverName,
            Optional<ClientCertificate> clientCertificate) {
        /// Makes facts of a handshake without names and client certificates.
        public Tls(String protocol, String cipher) {
            this(protocol, cipher, Optional.empty(), Optional.empty());
        }
    }

    /// A certificate that a client showed, and proved to be its own.
    ///
    /// @param subject its subject, as RFC 2253 writes it
    /// @param names its alternative names: host names, mailboxes, addresses
    /// @param sha256 its fingerprint: the SHA-256 of the certificate, in lower-case hexadecimal
    /// @param verified whether one of the listener's authorities vouches for it, and it is valid
    ///     now
    record ClientCertificate(String subject, List<String> names, String sha256, boolean verified) {
        /// Copies the list.
        public ClientCertificate {
            names = List.copyOf(names);
        }
    }
}
