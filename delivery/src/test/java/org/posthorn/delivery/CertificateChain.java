package org.posthorn.delivery;

import org.posthorn.smtp.client.TlsFacts;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/// A server's certificate by an authority of its own, made by the JDK's `keytool`.
///
/// @param own the server's
/// @param authority the one that vouches for it
/// @param context shows both
record CertificateChain(X509Certificate own, X509Certificate authority, SSLContext context) {
    private static final String PASSWORD = "changeit";

    /// @param host the name in it, or nothing for one in the subject alone: `old.example`
    static CertificateChain of(String host, Path directory)
            throws IOException, InterruptedException, GeneralSecurityException {
        Path store = directory.resolve(host + "-chain.p12");
        keytool(store, "-alias", "authority", "-dname", "CN=Authority", "-ext", "bc:c=ca:true");
        List<String> own =
                new ArrayList<>(
                        List.of("-alias", "own", "-dname", "CN=" + host, "-signer", "authority"));
        if (!host.startsWith("old.")) {
            own.addAll(List.of("-ext", "san=dns:" + host));
        }
        keytool(store, own.toArray(String[]::new));
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            keys.load(in, PASSWORD.toCharArray());
        }
        X509Certificate authority = (X509Certificate) keys.getCertificate("authority");
        keys.deleteEntry("authority");
        var factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(keys, PASSWORD.toCharArray());
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(factory.getKeyManagers(), null, null);
        return new CertificateChain(
                (X509Certificate) keys.getCertificate("own"), authority, context);
    }

    /// What a session with a server that shows both comes to.
    TlsFacts facts() {
        return new TlsFacts(
                "TLSv1.3",
                "TLS_AES_128_GCM_SHA256",
                List.of(own, authority),
                Optional.of("nobody knows its authority"));
    }

    private static void keytool(Path store, String... arguments)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
        command.addAll(List.of("-genkeypair", "-keyalg", "EC", "-storetype", "PKCS12"));
        command.addAll(List.of("-keystore", store.toString(), "-storepass", PASSWORD));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException("keytool failed: " + output);
        }
    }
}
