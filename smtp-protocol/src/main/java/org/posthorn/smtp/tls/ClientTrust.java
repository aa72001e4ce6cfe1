package org.posthorn.smtp.tls;

import org.posthorn.smtp.tls.ClientPolicy.ClientCertificates;

import java.io.IOException;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;

/// Judges the certificates of clients: during the handshake where a good one is required, and
/// behind it for those who want to know. Safe for use by many threads.
final class ClientTrust extends X509ExtendedTrustManager {
    /// Who judges looks at the key's use for signing, which all suites of today have in common.
    private static final String ANY = "UNKNOWN";

    private final ClientPolicy policy;
    private final String pem;
    private final Optional<X509ExtendedTrustManager> authorities;

    private ClientTrust(
            ClientPolicy policy, String pem, Optional<X509ExtendedTrustManager> authorities) {
        this.policy = policy;
        this.pem = pem;
        this.authorities = authorities;
    }

    /// Reads the authorities of a policy.
    static ClientTrust read(ClientPolicy policy) throws IOException {
        if (policy.authorities().isEmpty()) {
            return new ClientTrust(policy, "", Optional.empty());
        }
        var file = policy.authorities().get();
        String pem = Identity.text(file, "file of client authorities");
        return new ClientTrust(policy, pem, Optional.of(judge(Identity.certificates(pem, file))));
    }

    private static X509ExtendedTrustManager judge(List<X509Certificate> roots) throws IOException {
        try {
            // Holds certificates in memory only; PKCS #12 would encrypt them.
            KeyStore store = KeyStore.getInstance("JKS");
            store.load(null, null);
            for (int i = 0; i < roots.size(); i++) {
                store.setCertificateEntry(Integer.toString(i), roots.get(i));
            }
            var factory = TrustManagerFactory.getInstance("PKIX");
            factory.init(store);
            return Arrays.stream(factory.getTrustManagers())
                    .filter(X509ExtendedTrustManager.class::isInstance)
                    .map(X509ExtendedTrustManager.class::cast)
                    .findFirst()
                    .orElseThrow();
        } catch (GeneralSecurityException e) {
            throw new IOException("no authorities for clients: " + e.getMessage(), e);
        }
    }

    ClientPolicy policy() {
        return policy;
    }

    /// Tells whether the files held the same then as for another.
    boolean isSame(ClientTrust other) {
        return pem.equals(other.pem);
    }

    /// Tells whether a client's certificate leads to one of the authorities, and is valid now.
    boolean trusts(X509Certificate[] chain) {
        if (authorities.isEmpty()) {
            return false;
        }
        try {
            authorities.get().checkClientTrusted(chain, ANY);
            return true;
        } catch (CertificateException e) {
            return false;
        }
    }

    private void judge(X509Certificate[] chain) throws CertificateException {
        if (policy.certificates() == ClientCertificates.REQUIRE) {
            authorities.orElseThrow().checkClientTrusted(chain, ANY);
        }
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type)
            throws CertificateException {
        judge(chain);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket)
            throws CertificateException {
        judge(chain);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
            throws CertificateException {
        judge(chain);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type)
            throws CertificateException {
        throw new CertificateException("not for servers");
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
            throws CertificateException {
        throw new CertificateException("not for servers");
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
            throws CertificateException {
        throw new CertificateException("not for servers");
    }

    /// Clients show only what leads to one of these. Where any certificate is welcome, none is
    /// named.
    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return authorities
                .filter(_ -> policy.certificates() == ClientCertificates.REQUIRE)
                .map(X509ExtendedTrustManager::getAcceptedIssuers)
                .orElseGet(() -> new X509Certificate[0]);
    }
}
