package org.posthorn.integration;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.posthorn.integration.harness.Configuration;
import org.posthorn.integration.harness.Distribution;
import org.posthorn.integration.harness.Finished;
import org.posthorn.integration.harness.OpenDirectory;
import org.posthorn.integration.harness.PosthornProcess;
import org.posthorn.integration.harness.SmtpConnection;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/// A server serves nobody unless it can start as a whole, and once it serves somebody, it stays.
class StartIT {
    @TempDir(factory = OpenDirectory.class)
    Path directory;

    @Test
    void greetsNobodyWhenTheManagementsPortIsInUse() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 0, InetAddress.ofLiteral("127.0.0.1"))) {
            Configuration free = Configuration.forLocalClients().route("*", "discard");
            Configuration configuration =
                    new Configuration(
                            free.smtpPort(),
                            taken.getLocalPort(),
                            free.routes(),
                            free.plugins(),
                            free.lines());
            assertThat(failedStart(configuration).said())
                    .contains("jmx cannot listen on 127.0.0.1 port " + taken.getLocalPort());
        }
    }

    @Test
    void greetsNobodyWhenTheLastListenersPortIsInUse() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 0, InetAddress.ofLiteral("127.0.0.1"))) {
            String last = "{ address = \"127.0.0.1\", port = " + taken.getLocalPort() + " }";
            Configuration configuration =
                    Configuration.forLocalClients()
                            .route("*", "discard")
                            .line("listeners { zuletzt " + last + " }");
            assertThat(failedStart(configuration).said())
                    .contains("listener 'zuletzt' cannot listen on 127.0.0.1 port");
        }
    }

    /// Tries to be greeted for as long as the server tries to start.
    private Finished failedStart(Configuration configuration) throws IOException {
        Path file = directory.resolve("posthorn.conf");
        Files.writeString(file, configuration.text(directory));
        List<String> command =
                List.of(
                        Distribution.packed().command().toString(),
                        "serve",
                        "--config",
                        file.toString());
        CompletableFuture<Finished> server =
                CompletableFuture.supplyAsync(
                        () -> Finished.run(directory, Map.of(), command, new byte[0]));
        while (!server.isDone()) {
            assertThat(SmtpConnection.isGreeted("127.0.0.1", configuration.smtpPort())).isFalse();
        }
        return server.join().failed();
    }

    @Test
    void servesWhileItsManagementCannotBeAnnounced() throws IOException {
        Path inTheWay = Files.createDirectories(directory.resolve("data/jmx/url.new/full"));
        Configuration configuration = Configuration.forLocalClients().route("*", "discard");
        CompletableFuture<Void> greeted =
                CompletableFuture.runAsync(
                        () -> {
                            while (!SmtpConnection.isGreeted(
                                    "127.0.0.1", configuration.smtpPort())) {
                                Thread.onSpinWait();
                            }
                            delete(inTheWay);
                        });
        try (PosthornProcess server = PosthornProcess.start(directory, configuration)) {
            server.expect("do not find this server, for .*jmx/url cannot be written");
            greeted.join();
            assertThat(Mail.send(server, "leo@home.test", "hello", 0)).startsWith("250");
            server.command("status").succeeded();
        }
    }

    private static void delete(Path path) {
        try {
            Files.delete(path);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
