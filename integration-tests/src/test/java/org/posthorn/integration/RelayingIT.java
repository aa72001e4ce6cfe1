package org.posthorn.integration;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.posthorn.integration.harness.Configuration;
import org.posthorn.integration.harness.Maildir;
import org.posthorn.integration.harness.OpenDirectory;
import org.posthorn.integration.harness.PosthornProcess;
import org.posthorn.integration.peer.Client;
import org.posthorn.integration.peer.Needs;
import org.posthorn.integration.peer.Peer;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/// Nobody is relayed for whom nobody vouches.
@Needs({Peer.SWAKS, Peer.MSMTP, Peer.CURL, Peer.PYTHON})
class RelayingIT {
    @TempDir(factory = OpenDirectory.class)
    Path directory;

    @ParameterizedTest
    @EnumSource(Client.class)
    void withoutPluginsNobodyIsRelayed(Client client) throws IOException {
        Configuration configuration =
                Configuration.onFreePorts().route("*", "maildir:" + directory.resolve("mail"));
        try (PosthornProcess server = PosthornProcess.start(directory, configuration)) {
            assertThat(send(client, server, "leo@home.test")).contains("550");
        }
    }

    @Test
    void relayDomainsVouchesForItsDomainsAlone() throws IOException {
        Configuration configuration =
                Configuration.onFreePorts()
                        .plugin("use = relay-domains, domains = [\"home.test\"]")
                        .route("*", "maildir:" + directory.resolve("mail"));
        try (PosthornProcess server = PosthornProcess.start(directory, configuration)) {
            assertThat(send(Client.SWAKS, server, "leo@elsewhere.test")).contains("550 5.7.1");
            send(Client.SWAKS, server, "leo@home.test");
            assertThat(new Maildir(directory.resolve("mail")).await(1)).hasSize(1);
        }
    }

    private static String send(Client client, PosthornProcess server, String to)
            throws IOException {
        return client.send(server.smtpPort(), "mona@client.test", List.of(to), Mail.about("relay"))
                .said();
    }
}
