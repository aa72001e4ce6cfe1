package org.posthorn.testkit.remote;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.Base64;

import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/// TLS for scripted servers, with a certificate that nobody vouches for but itself.
///
/// @param context shows the certificate
/// @param authority a file with the certificate in PEM, for those who are to trust it
public record RemoteTls(SSLContext context, Path authority) {
    private static final String PASSWORD = "changeit";

    /// Makes a certificate by the JDK's `keytool`.
    ///
    /// @param host the name in the certificate, which is also for 127.0.0.1
    /// @param directory where the key store and the certificate may be written
    public static RemoteTls selfSigned(String host, Path directory)
            throws IOException, InterruptedException, GeneralSecurityException {
        Path store = directory.resolve(host + ".p12");
        String keytool = Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
        Process process =
                new ProcessBuilder(
                                keytool,
                                "-genkeypair",
                                "-alias",
                                "it",
                                "-keyalg",
                                "EC",
                                "-dname",
                                "CN=" + host,
                                "-ext",
                                "san=dns:" + host + ",ip:127.0.0.1",
                                "-storetype",
                                "PKCS12",
                                "-keystore",
                                store.toString(),
                                "-storepass",
                                PASSWORD)
                        .redirectErrorStream(true)
                        .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException("keytool failed: " + output);
        }
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            keys.load(in, PASSWORD.toCharArray());
        }
        var factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(keys, PASSWORD.toCharArray());
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(factory.getKeyManagers(), null, null);
        return new RemoteTls(context, pem(keys.getCertificate("it"), directory, host));
    }

    private static Path pem(Certificate certificate, Path directory, String host)
            throws IOException, GeneralSecurityException {
        String text = Base64.getMimeEncoder().encodeToString(certificate.getEncoded());
        return Files.writeString(
                directory.resolve(host + ".pem"),
                "-----BEGIN CERTIFICATE-----\n" + text + "\n-----END CERTIFICATE-----\n");
    }
}
