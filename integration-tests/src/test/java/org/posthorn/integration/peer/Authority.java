package org.posthorn.integration.peer;

import org.posthorn.integration.harness.Finished;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/// An authority that certifies servers, made by `openssl`.
///
/// @param certificate its own certificate, in PEM
/// @param key its key
/// @param directory where all files are
public record Authority(Path certificate, Path key, Path directory) {

    /// Makes one.
    public static Authority in(Path directory) throws IOException {
        Path home = Files.createDirectories(directory.resolve("authority"));
        var made = new Authority(home.resolve("ca.pem"), home.resolve("ca.key"), home);
        openssl(
                "req",
                "-x509",
                "-newkey",
                "rsa:2048",
                "-nodes",
                "-days",
                "2",
                "-subj",
                "/CN=Authority of the test",
                "-keyout",
                made.key.toString(),
                "-out",
                made.certificate.toString());
        return made;
    }

    /// Certifies a server. The file shows the authority's certificate as well.
    public Certificate certify(String name, List<String> hosts) throws IOException {
        Path key = directory.resolve(name + ".key");
        Path request = directory.resolve(name + ".csr");
        Path own = directory.resolve(name + ".own");
        Path chain = directory.resolve(name + ".pem");
        Path extensions =
                Files.writeString(
                        directory.resolve(name + ".ext"),
                        "subjectAltName=DNS:" + String.join(",DNS:", hosts) + "\n");
        openssl(
                "req",
                "-newkey",
                "rsa:2048",
                "-nodes",
                "-subj",
                "/CN=" + hosts.getFirst(),
                "-keyout",
                key.toString(),
                "-out",
                request.toString());
        openssl(
                "x509",
                "-req",
                "-in",
                request.toString(),
                "-CA",
                certificate.toString(),
                "-CAkey",
                this.key.toString(),
                "-CAcreateserial",
                "-days",
                "2",
                "-extfile",
                extensions.toString(),
                "-out",
                own.toString());
        Files.writeString(chain, Files.readString(own) + Files.readString(certificate));
        return new Certificate(chain, key);
    }

    /// Returns the SHA-256 of the public key in the first certificate of a file.
    public static String keyDigest(Path file) throws IOException, GeneralSecurityException {
        return sha256(read(file).getPublicKey().getEncoded());
    }

    /// Returns the SHA-256 of the first certificate of a file.
    public static String digest(Path file) throws IOException, GeneralSecurityException {
        return sha256(read(file).getEncoded());
    }

    private static X509Certificate read(Path file) throws IOException, GeneralSecurityException {
        return (X509Certificate)
                CertificateFactory.getInstance("X.509")
                        .generateCertificate(new ByteArrayInputStream(Files.readAllBytes(file)));
    }

    private static String sha256(byte[] octets) throws GeneralSecurityException {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(octets));
    }

    private static void openssl(String... arguments) {
        var command = new ArrayList<>(List.of(Peer.OPENSSL.path()));
        command.addAll(List.of(arguments));
        Finished.run(command).succeeded();
    }
}
