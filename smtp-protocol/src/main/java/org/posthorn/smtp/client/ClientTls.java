package org.posthorn.smtp.client;

import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;

import java.io.IOException;
import java.nio.file.Path;

import javax.net.ssl.SSLException;

/// TLS of outgoing sessions, in versions 1.2 and 1.3. Immutable.
public final class ClientTls {
    private final SslContext any;
    private final SslContext verifying;

    private ClientTls(SslContext any, SslContext verifying) {
        this.any = any;
        this.verifying = verifying;
    }

    /// Makes one that trusts whom the Java runtime trusts.
    public static ClientTls standard() {
        try {
            return of(verifying());
        } catch (SSLException e) {
            throw new IllegalStateException("this Java runtime has no TLS 1.2 and 1.3", e);
        }
    }

    /// Makes one that trusts certain authorities, and no others.
    ///
    /// @param authorities a file with their certificates, in PEM
    /// @throws IOException when it cannot be read, or has no certificates; the message names it
    public static ClientTls trusting(Path authorities) throws IOException {
        try {
            return of(verifying().trustManager(authorities.toFile()));
        } catch (IllegalArgumentException | SSLException e) {
            throw new IOException(
                    authorities + " is no file with certificates of authorities in PEM", e);
        }
    }

    private static ClientTls of(SslContextBuilder verifying) throws SSLException {
        SslContextBuilder any =
                builder()
                        .trustManager(InsecureTrustManagerFactory.INSTANCE)
                        .endpointIdentificationAlgorithm(null);
        return new ClientTls(any.build(), verifying.build());
    }

    private static SslContextBuilder verifying() {
        return builder().endpointIdentificationAlgorithm("HTTPS");
    }

    private static SslContextBuilder builder() {
        return SslContextBuilder.forClient()
                .sslProvider(OpenSsl.isAvailable() ? SslProvider.OPENSSL : SslProvider.JDK)
                .protocols("TLSv1.3", "TLSv1.2");
    }

    SslContext context(boolean verified) {
        return verified ? verifying : any;
    }
}
