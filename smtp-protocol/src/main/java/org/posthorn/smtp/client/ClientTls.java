package org.posthorn.smtp.client;

import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

import javax.net.ssl.SSLException;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;

/// TLS of outgoing sessions, in versions 1.2 and 1.3. Immutable.
///
/// A handshake succeeds whatever the server's certificate: whether that is good enough is judged by
/// what [TlsFacts] says afterwards, before anything but `EHLO` is said.
public final class ClientTls {
    private final SslContext context;
    private final X509TrustManager authorities;

    private ClientTls(X509TrustManager authorities) {
        try {
            this.context =
                    SslContextBuilder.forClient()
                            .sslProvider(
                                    OpenSsl.isAvailable() ? SslProvider.OPENSSL : SslProvider.JDK)
                            .protocols("TLSv1.3", "TLSv1.2")
                            .trustManager(InsecureTrustManagerFactory.INSTANCE)
                            .endpointIdentificationAlgorithm(null)
                            .build();
        } catch (SSLException e) {
            throw new IllegalStateException("this Java runtime has no TLS 1.2 and 1.3", e);
        }
        this.authorities = authorities;
    }

    /// Makes one that trusts whom the Java runtime trusts.
    public static ClientTls standard() {
        try {
            return new ClientTls(trustManager(null));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java runtime trusts nobody", e);
        }
    }

    /// Makes one that trusts certain authorities, and no others.
    ///
    /// @param authorities a file with their certificates, in PEM
    /// @throws IOException when it cannot be read, or has no certificates; the message names it
    public static ClientTls trusting(Path authorities) throws IOException {
        try (InputStream in = Files.newInputStream(authorities)) {
            Collection<? extends Certificate> all =
                    CertificateFactory.getInstance("X.509").generateCertificates(in);
            if (all.isEmpty()) {
                throw new CertificateException("there is none");
            }
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            for (Certificate certificate : all) {
                store.setCertificateEntry("authority " + store.size(), certificate);
            }
            return new ClientTls(trustManager(store));
        } catch (GeneralSecurityException e) {
            throw new IOException(
                    authorities + " is no file with certificates of authorities in PEM", e);
        }
    }

    private static X509TrustManager trustManager(@Nullable KeyStore store)
            throws GeneralSecurityException {
        var factory = TrustManagerFactory.getInstance("PKIX");
        factory.init(store);
        return Arrays.stream(factory.getTrustManagers())
                .filter(X509TrustManager.class::isInstance)
                .map(X509TrustManager.class::cast)
                .findFirst()
                .orElseThrow(() -> new GeneralSecurityException("no trust manager for X.509"));
    }

    /// Returns who decides whom to trust.
    public X509TrustManager authorities() {
        return authorities;
    }

    SslContext context() {
        return context;
    }

    /// Reads what a handshake came to, and judges its certificates. Takes about a millisecond.
    TlsFacts facts(SSLSession session) throws SSLPeerUnverifiedException {
        List<X509Certificate> certificates =
                Arrays.stream(session.getPeerCertificates())
                        .filter(X509Certificate.class::isInstance)
                        .map(X509Certificate.class::cast)
                        .toList();
        if (certificates.isEmpty()) {
            throw new SSLPeerUnverifiedException("the server shows no certificate");
        }
        return new TlsFacts(
                session.getProtocol(),
                session.getCipherSuite(),
                certificates,
                distrust(certificates));
    }

    private Optional<String> distrust(List<X509Certificate> certificates) {
        try {
            authorities.checkServerTrusted(certificates.toArray(X509Certificate[]::new), "UNKNOWN");
            return Optional.empty();
        } catch (CertificateException e) {
            return Optional.of(reason(e));
        } catch (IllegalArgumentException e) {
            return Optional.of("it cannot be judged");
        }
    }

    /// The innermost cause says most: that it expired, and when.
    private static String reason(Throwable failure) {
        Throwable inner = failure;
        while (inner.getCause() != null) {
            inner = inner.getCause();
        }
        return String.valueOf(inner.getMessage()).lines().findFirst().orElse("");
    }
}
