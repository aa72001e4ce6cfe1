package org.posthorn.integration.peer;

import org.posthorn.integration.harness.Finished;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// Clients that say from where they connect, and what TLS is to be like.
public final class TlsClient {
    private TlsClient() {}

    /// Has `openssl s_client` connect to 127.0.0.1, shake hands, and say `QUIT`.
    public static Finished shakeHands(int port, String... options) {
        List<String> command =
                new ArrayList<>(
                        List.of(
                                Peer.OPENSSL.path(),
                                "s_client",
                                "-crlf",
                                "-ign_eof",
                                "-connect",
                                "127.0.0.1:" + port));
        command.addAll(List.of(options));
        return Finished.run(command, "QUIT\n".getBytes(StandardCharsets.US_ASCII));
    }

    /// Has `curl` send a message to 127.0.0.1.
    ///
    /// @param scheme `smtp` or `smtps`
    /// @param from the client's own address
    public static Finished send(String scheme, int port, String from, String to, byte[] message) {
        return Finished.run(
                List.of(
                        Peer.CURL.path(),
                        "-sS",
                        "--insecure",
                        "--interface",
                        from,
                        scheme + "://127.0.0.1:" + port,
                        "--mail-from",
                        "mona@client.test",
                        "--mail-rcpt",
                        to,
                        "-T",
                        "-"),
                message);
    }
}
