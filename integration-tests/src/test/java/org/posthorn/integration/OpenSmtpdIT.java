package org.posthorn.integration;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.posthorn.integration.harness.Configuration;
import org.posthorn.integration.harness.OpenDirectory;
import org.posthorn.integration.harness.Ports;
import org.posthorn.integration.harness.PosthornProcess;
import org.posthorn.integration.peer.Certificate;
import org.posthorn.integration.peer.Client;
import org.posthorn.integration.peer.Needs;
import org.posthorn.integration.peer.OpenSmtpd;
import org.posthorn.integration.peer.Peer;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/// Mail goes out to OpenSMTPD, with neither pipelining nor chunks. Debian's offers TLS and then
/// fails at it, so this is also how mail arrives in clear where TLS does not work.
@Needs({Peer.ROOT, Peer.MOUNT, Peer.OPENSMTPD, Peer.SWAKS, Peer.OPENSSL})
class OpenSmtpdIT {
    private static final String ADDRESS = "127.0.0.29";

    @TempDir(factory = OpenDirectory.class)
    Path directory;

    @Test
    void mailReachesOpenSmtpd() throws IOException {
        int port = Ports.free();
        Configuration configuration =
                Configuration.forLocalClients()
                        .route("open.test", "smtp://" + ADDRESS + ":" + port);
        try (var far =
                        OpenSmtpd.start(
                                directory,
                                ADDRESS,
                                port,
                                Certificate.of("mx.open.test", directory));
                var server = PosthornProcess.start(directory, configuration)) {
            Client.SWAKS
                    .send(
                            server.smtpPort(),
                            "mona@client.test",
                            List.of("leo@open.test"),
                            Mail.about("open"))
                    .succeeded();
            assertThat(far.mail().awaitOne().text())
                    .contains("Subject: open", "by mx.open.test (OpenSMTPD)");
        }
    }
}
