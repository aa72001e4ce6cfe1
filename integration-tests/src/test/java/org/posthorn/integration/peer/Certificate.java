package org.posthorn.integration.peer;

import org.posthorn.integration.harness.Finished;

import java.nio.file.Path;
import java.util.List;

/// A self-signed certificate and its key, as PEM files.
///
/// @param certificate its file
/// @param key its file
public record Certificate(Path certificate, Path key) {

    /// Makes one by `openssl`.
    public static Certificate of(String host, Path directory) {
        var made = new Certificate(directory.resolve("cert.pem"), directory.resolve("key.pem"));
        Finished.run(
                        List.of(
                                Peer.OPENSSL.path(),
                                "req",
                                "-x509",
                                "-newkey",
                                "rsa:2048",
                                "-nodes",
                                "-days",
                                "2",
                                "-subj",
                                "/CN=" + host,
                                "-addext",
                                "subjectAltName=DNS:" + host + ",IP:127.0.0.1",
                                "-keyout",
                                made.key.toString(),
                                "-out",
                                made.certificate.toString()))
                .succeeded();
        return made;
    }
}
