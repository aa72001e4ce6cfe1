package org.posthorn.smtp.client;

import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

import javax.net.ssl.SSLException;

/// TLS of outgoing sessions, in versions 1.2 and 1.3. Immutable.
public final class ClientTls {
    private final SslContext any;
    private final SslContext verifying;

    private ClientTls(SslContext any, SslContext verifying) {
        this.any = any;
        this.verifying = verifying;
    }

    /// Makes one.
    ///
    /// @param authorities certificates, in PEM, of the authorities that are trusted; the Java
    ///     runtime's where there is none
    /// @throws IllegalArgumentException when the file cannot be read, or has no certificates
    public static ClientTls trusting(Optional<Path> authorities) {
        try {
            SslContextBuilder verifying = builder().endpointIdentificationAlgorithm("HTTPS");
            if (authorities.isPresent()) {
                Path file = authorities.get();
                if (!Files.isReadable(file)) {
                    throw new IllegalArgumentException(
                            "trusted-certificates: " + file + " cannot be read");
                }
                verifying.trustManager(file.toFile());
            }
            return new ClientTls(
                    builder()
                            .trustManager(InsecureTrustManagerFactory.INSTANCE)
                            .endpointIdentificationAlgorithm(null)
                            .build(),
                    verifying.build());
        } catch (SSLException e) {
            throw new IllegalStateException("this Java runtime has no TLS 1.2 and 1.3", e);
        }
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
