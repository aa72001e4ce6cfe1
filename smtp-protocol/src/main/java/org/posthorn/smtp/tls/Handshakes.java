package org.posthorn.smtp.tls;

import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

import javax.net.ssl.SSLException;

/// What handshakes of one kind of listener use, from one reading of the files to the next.
/// Immutable.
///
/// @param trust judges clients
/// @param choices in the order of the configuration; the first is also for whoever asks for no
///     name, or for one that we do not know
record Handshakes(ClientTrust trust, List<Choice> choices) {

    /// One certificate, ready for use.
    record Choice(Identity identity, SslContext context) {}

    static Handshakes of(ClientTrust trust, List<Identity> identities) throws IOException {
        List<Choice> choices = new ArrayList<>();
        for (Identity identity : identities) {
            choices.add(new Choice(identity, context(identity, trust)));
        }
        return new Handshakes(trust, List.copyOf(choices));
    }

    private static SslContext context(Identity identity, ClientTrust trust) throws IOException {
        try {
            return SslContextBuilder.forServer(identity.key(), identity.chain())
                    .sslProvider(provider(trust.policy()))
                    .protocols("TLSv1.3", "TLSv1.2")
                    // Holds the key in memory only; PKCS #12 would first encrypt it, slowly.
                    .keyStoreType("JKS")
                    .trustManager(trust)
                    .clientAuth(
                            switch (trust.policy().certificates()) {
                                case NONE -> ClientAuth.NONE;
                                case REQUEST -> ClientAuth.OPTIONAL;
                                case REQUIRE -> ClientAuth.REQUIRE;
                            })
                    .build();
        } catch (IllegalArgumentException | SSLException e) {
            CertificateFiles files = identity.files();
            throw new IOException(
                    "no TLS with certificate "
                            + files.certificate()
                            + " and key "
                            + files.key()
                            + ": "
                            + e.getMessage(),
                    e);
        }
    }

    /// BoringSSL is faster, but its binding to Java does not export keying material.
    private static SslProvider provider(ClientPolicy policy) {
        return OpenSsl.isAvailable() && !policy.exporter() ? SslProvider.OPENSSL : SslProvider.JDK;
    }

    /// Chooses by the name that a client asks for.
    ///
    /// @param name in lower case
    SslContext choose(String name) {
        for (Choice choice : choices) {
            if (choice.identity().isFor(name)) {
                return choice.context();
            }
        }
        return usual();
    }

    /// Returns the choice for whoever asks for nothing.
    SslContext usual() {
        return choices.getFirst().context();
    }
}
