package org.posthorn.integration;

import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.posthorn.integration.harness.Configuration;
import org.posthorn.integration.harness.OpenDirectory;
import org.posthorn.integration.harness.Ports;
import org.posthorn.integration.harness.PosthornProcess;
import org.posthorn.testkit.dialogue.Dialogue;
import org.posthorn.testkit.dialogue.SocketPeer;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.stream.Stream;

/// The scripts that show the protocol, played against the packed server.
class DialoguesIT {
    private static final Path SCRIPTS = Path.of("../smtp-protocol/src/test/resources/dialogues");

    @TempDir(factory = OpenDirectory.class)
    Path directory;

    @TestFactory
    Stream<DynamicTest> usual() throws IOException {
        Configuration configuration = exampleOrg().line("listeners.smtp.tls = none");
        return played(SCRIPTS, configuration, configuration.smtpPort());
    }

    @TestFactory
    Stream<DynamicTest> withSmallLimits() throws IOException {
        Configuration configuration =
                exampleOrg()
                        .line("smtp { max-command-line = 512, max-recipients = 3, max-errors = 4 }")
                        .line("message { max-size = 64KiB, max-header-size = 4KiB }")
                        .line("message { max-line-length = 998, max-received = 5 }");
        return played(SCRIPTS.resolve("limits"), configuration, configuration.smtpPort());
    }

    @TestFactory
    Stream<DynamicTest> underTls() throws IOException {
        int port = Ports.free();
        Configuration configuration =
                exampleOrg().line("listeners.tls { address = \"127.0.0.1\", port = " + port + " }");
        return played(SCRIPTS.resolve("tls"), configuration, port);
    }

    @TestFactory
    Stream<DynamicTest> byLmtp() throws IOException {
        Configuration configuration = exampleOrg().line("listeners.smtp.kind = lmtp");
        return played(SCRIPTS.resolve("lmtp"), configuration, configuration.smtpPort());
    }

    @TestFactory
    Stream<DynamicTest> mendingLines() throws IOException {
        Configuration configuration =
                exampleOrg().line("listeners.smtp.bare-line-ends = normalise");
        return played(SCRIPTS.resolve("normalise"), configuration, configuration.smtpPort());
    }

    private Stream<DynamicTest> played(Path scripts, Configuration configuration, int port)
            throws IOException {
        PosthornProcess server = PosthornProcess.start(directory, configuration);
        return Dialogue.readAll(scripts).stream()
                .map(script -> dynamicTest(script.name(), () -> play(script, port)))
                .onClose(server::close);
    }

    private static void play(Dialogue script, int port) throws IOException {
        try (var peer = new SocketPeer(new InetSocketAddress("127.0.0.1", port))) {
            script.play(peer);
        }
    }

    private Configuration exampleOrg() {
        return Configuration.onFreePorts()
                .line("hostname = \"mx.example.org\"")
                .plugin("use = relay-domains, domains = [\"example.org\"]")
                .route("*", "discard");
    }
}
