package org.posthorn.testkit.dialogue;

import org.posthorn.smtp.tls.CertificateFiles;
import org.posthorn.smtp.tls.ClientPolicy;
import org.posthorn.smtp.tls.ClientPolicy.ClientCertificates;
import org.posthorn.smtp.tls.ServerTls;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Set;

import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;

/// The certificates of the tests: the server's, and those of two clients.
final class TestTls {
    static final Path FILES = Path.of("src/test/resources/tls");

    /// Asks clients for a certificate of `authority.pem`, which is the first client's.
    static final ClientPolicy REQUEST =
            new ClientPolicy(
                    ClientCertificates.REQUEST, Optional.of(FILES.resolve("authority.pem")));

    private TestTls() {}

    /// Returns the server's TLS.
    ///
    /// @param policies those of listeners that want to know more of their clients
    static ServerTls server(ClientPolicy... policies) {
        Set<ClientPolicy> all = policies.length == 0 ? Set.of(ClientPolicy.NONE) : Set.of(policies);
        try {
            return ServerTls.load(List.of(files("cert", "key")), all);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static CertificateFiles files(String certificate, String key) {
        return new CertificateFiles(
                FILES.resolve(certificate + ".pem"), FILES.resolve(key + ".pem"), List.of());
    }

    /// Returns what a client needs that shows a certificate, and trusts everybody.
    ///
    /// @param name `client`, whom the authority vouches for; `stranger`, whom nobody does; or
    ///     `nobody`, who has none
    static SSLContext client(String name) throws GeneralSecurityException, IOException {
        var store = KeyStore.getInstance("JKS");
        store.load(null, null);
        if (!name.equals("nobody")) {
            String pem = Files.readString(FILES.resolve(name + "-key.pem"));
            byte[] key = Base64.getMimeDecoder().decode(pem.replaceAll("-----[A-Z ]+-----", ""));
            byte[] certificate = Files.readAllBytes(FILES.resolve(name + ".pem"));
            store.setKeyEntry(
                    "own",
                    KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(key)),
                    new char[0],
                    new Certificate[] {
                        CertificateFactory.getInstance("X.509")
                                .generateCertificate(new ByteArrayInputStream(certificate))
                    });
        }
        var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, new char[0]);
        var context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), new TrustManager[] {new TrustAll()}, null);
        return context;
    }

    private static final class TrustAll implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
