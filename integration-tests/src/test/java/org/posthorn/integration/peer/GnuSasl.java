package org.posthorn.integration.peer;

import org.posthorn.integration.harness.Finished;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// The program of GNU SASL: it takes the best mechanism that both sides know, authenticates, and
/// says all that was said.
public final class GnuSasl {
    private GnuSasl() {}

    /// Authenticates under TLS at a port of localhost.
    ///
    /// @param authority PEM: who vouches for the server
    /// @param options who the client is, and how
    public static Finished authenticate(int port, Path authority, String... options) {
        List<String> command =
                new ArrayList<>(
                        List.of(
                                Peer.GSASL.path(),
                                "--smtp",
                                "--connect=localhost:" + port,
                                "--x509-ca-file=" + authority));
        command.addAll(List.of(options));
        return Finished.run(command);
    }

    /// Returns the options for `EXTERNAL` by a certificate.
    public static String[] external(Certificate shown) {
        return new String[] {
            "--mechanism=EXTERNAL",
            "--authorization-id=",
            "--x509-cert-file=" + shown.certificate(),
            "--x509-key-file=" + shown.key()
        };
    }
}
