package org.posthorn.smtp.tls;

import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

import javax.net.ssl.SSLException;

/// Our certificate and key, for listeners: TLS 1.2 and 1.3 by BoringSSL where its library is there,
/// by the JDK elsewhere. Safe for use by many threads.
public final class ServerTls {
    private final Path certificate;
    private final Path key;
    private volatile SslContext context;

    private ServerTls(Path certificate, Path key) throws IOException {
        this.certificate = certificate;
        this.key = key;
        this.context = read();
    }

    /// Reads a certificate and its key.
    ///
    /// @param certificate PEM: the certificate and, behind it, those that lead to its root
    /// @param key PEM: the private key in PKCS #8, not encrypted
    /// @throws IOException when a file cannot be read or does not hold what it should; the message
    ///     names it and is meant for an operator
    public static ServerTls load(Path certificate, Path key) throws IOException {
        return new ServerTls(certificate, key);
    }

    /// Returns what new connections are to use. Others keep what they began with.
    public SslContext context() {
        return context;
    }

    /// Reads the files again. New connections use what they hold now.
    ///
    /// @throws IOException when they do not hold what they should; then nothing changes
    public void reload() throws IOException {
        context = read();
    }

    private SslContext read() throws IOException {
        try (InputStream chain = open(certificate, "certificate");
                InputStream secret = open(key, "key")) {
            return SslContextBuilder.forServer(chain, secret)
                    .sslProvider(OpenSsl.isAvailable() ? SslProvider.OPENSSL : SslProvider.JDK)
                    .protocols("TLSv1.3", "TLSv1.2")
                    // Holds the key in memory only; PKCS #12 would first encrypt it, slowly.
                    .keyStoreType("JKS")
                    .build();
        } catch (IllegalArgumentException | SSLException e) {
            throw new IOException(
                    "no TLS with certificate "
                            + certificate
                            + " and key "
                            + key
                            + ": expected PEM files, a certificate chain and its PKCS #8 key"
                            + " without password",
                    e);
        }
    }

    private static InputStream open(Path file, String what) throws IOException {
        try {
            return Files.newInputStream(file);
        } catch (NoSuchFileException e) {
            throw new IOException("there is no TLS " + what + " at " + file, e);
        }
    }
}
