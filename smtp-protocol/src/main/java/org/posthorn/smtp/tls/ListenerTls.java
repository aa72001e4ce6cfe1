package org.posthorn.smtp.tls;

import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.handler.ssl.SniHandler;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;

import org.posthorn.api.mail.Domain;
import org.posthorn.api.mail.MailSyntaxException;
import org.posthorn.api.plugin.Session;
import org.posthorn.api.plugin.Session.ClientCertificate;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.Certificate;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLKeyException;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import javax.security.auth.x500.X500Principal;

/// TLS as one listener offers it. Safe for use by many threads.
public final class ListenerTls {
    private static final int MAX_CLIENT_HELLO = 16_384;
    private static final int MAX_NAMES = 100;
    private static final int EXPORTED = 32;

    private final Supplier<Handshakes> current;

    /// @param current what handshakes use now
    ListenerTls(Supplier<Handshakes> current) {
        this.current = current;
    }

    /// Makes what stands first in a connection's pipeline, from the first octet of TLS on.
    ///
    /// @param patience how long the handshake may take
    public ChannelHandler newHandler(Channel channel, Duration patience) {
        Handshakes now = current.get();
        return now.choices().size() == 1
                ? handler(now.usual(), channel.alloc(), patience)
                : new Choosing(now, patience);
    }

    private static SslHandler handler(
            SslContext context, ByteBufAllocator memory, Duration patience) {
        SslHandler handler = context.newHandler(memory);
        handler.setHandshakeTimeoutMillis(patience.toMillis());
        return handler;
    }

    /// Waits for the name that the client asks for (RFC 6066 §3).
    private static final class Choosing extends SniHandler {
        private final Duration patience;

        Choosing(Handshakes handshakes, Duration patience) {
            super(
                    (String name) -> name == null ? handshakes.usual() : handshakes.choose(name),
                    MAX_CLIENT_HELLO,
                    patience.toMillis());
            this.patience = patience;
        }

        @Override
        protected SslHandler newSslHandler(SslContext context, ByteBufAllocator memory) {
            return handler(context, memory, patience);
        }
    }

    /// Returns what a handshake that succeeded was about.
    public Session.Tls facts(SSLSession session) {
        return new Session.Tls(
                session.getProtocol(),
                session.getCipherSuite(),
                requested(session),
                clientCertificate(session));
    }

    private static Optional<Domain.Name> requested(SSLSession session) {
        if (!(session instanceof ExtendedSSLSession extended)) {
            return Optional.empty();
        }
        for (SNIServerName name : extended.getRequestedServerNames()) {
            if (name instanceof SNIHostName host) {
                try {
                    return Optional.of(new Domain.Name(host.getAsciiName()));
                } catch (MailSyntaxException e) {
                    return Optional.empty();
                }
            }
        }
        return Optional.empty();
    }

    private Optional<ClientCertificate> clientCertificate(SSLSession session) {
        ClientTrust trust = current.get().trust();
        if (trust.policy().certificates() == ClientPolicy.ClientCertificates.NONE) {
            return Optional.empty();
        }
        try {
            Certificate[] all = session.getPeerCertificates();
            X509Certificate[] chain = Arrays.copyOf(all, all.length, X509Certificate[].class);
            return Optional.of(
                    new ClientCertificate(
                            chain[0].getSubjectX500Principal().getName(X500Principal.RFC2253),
                            names(chain[0]),
                            fingerprint(chain[0]),
                            trust.trusts(chain)));
        } catch (SSLPeerUnverifiedException e) {
            return Optional.empty();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("a certificate without encoding", e);
        }
    }

    private static List<String> names(X509Certificate certificate) {
        try {
            Collection<List<?>> all = certificate.getSubjectAlternativeNames();
            return all == null
                    ? List.of()
                    : all.stream()
                            .map(List::getLast)
                            .filter(String.class::isInstance)
                            .map(String.class::cast)
                            .limit(MAX_NAMES)
                            .toList();
        } catch (CertificateParsingException e) {
            return List.of();
        }
    }

    private static String fingerprint(X509Certificate certificate) throws GeneralSecurityException {
        byte[] digest = MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded());
        return HexFormat.of().formatHex(digest);
    }

    /// Returns what an exchange of SASL can be bound by to a handshake that succeeded, by the names
    /// of channel bindings: `tls-server-end-point`, and `tls-exporter` where TLS is the JDK's.
    public static Map<String, byte[]> bindings(SSLSession session) {
        Map<String, byte[]> bindings = new HashMap<>();
        serverEndPoint(session).ifPresent(it -> bindings.put("tls-server-end-point", it));
        exporter(session).ifPresent(it -> bindings.put("tls-exporter", it));
        return bindings;
    }

    /// RFC 9266 §2; before TLS 1.3 it would need more care.
    private static Optional<byte[]> exporter(SSLSession session) {
        if (!(session instanceof ExtendedSSLSession extended)
                || !session.getProtocol().equals("TLSv1.3")) {
            return Optional.empty();
        }
        try {
            return Optional.of(
                    extended.exportKeyingMaterialData(
                            "EXPORTER-Channel-Binding", new byte[0], EXPORTED));
        } catch (UnsupportedOperationException | SSLKeyException e) {
            // As with BoringSSL, whose binding to Java does not offer it.
            return Optional.empty();
        }
    }

    /// Returns the channel binding `tls-server-end-point` of a handshake that succeeded (RFC 5929
    /// §4): a hash of the certificate that we showed, by the hash function of its signature.
    public static Optional<byte[]> serverEndPoint(SSLSession session) {
        Certificate[] local = session.getLocalCertificates();
        if (local == null || !(local[0] instanceof X509Certificate shown)) {
            return Optional.empty();
        }
        String signature = shown.getSigAlgName().toUpperCase(Locale.ROOT);
        String hash =
                signature.startsWith("SHA384")
                        ? "SHA-384"
                        : signature.startsWith("SHA512") ? "SHA-512" : "SHA-256";
        try {
            return Optional.of(MessageDigest.getInstance(hash).digest(shown.getEncoded()));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("a certificate without encoding", e);
        }
    }
}
