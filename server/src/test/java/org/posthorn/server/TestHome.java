package org.posthorn.server;

import static org.assertj.core.api.Assertions.assertThat;

import org.posthorn.server.assembly.Configuration;
import org.posthorn.server.config.ConfigurationException;
import org.posthorn.server.plugin.PluginJar;
import org.posthorn.testkit.dialogue.SocketPeer;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/// A distribution's directory for a test: a configuration, and a plugin `anybody` that vouches for
/// every recipient.
///
/// @param directory where it is
public record TestHome(Path directory) {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    /// Lays one out.
    public static TestHome in(Path directory) {
        PluginJar.plain(
                make(directory.resolve("plugins/anybody")).resolve("anybody.jar"),
                "anybody",
                """
                return session -> new SessionHooks() {
                    public Verdict rcpt(Transaction t, org.posthorn.api.mail.Recipient r) {
                        return Verdict.ACCEPT;
                    }
                };
                """);
        make(directory.resolve("etc"));
        return new TestHome(directory);
    }

    public static Path make(Path directory) {
        try {
            return Files.createDirectories(directory);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Returns the file that the configuration is in.
    public Path file() {
        return directory.resolve("etc/posthorn.conf");
    }

    /// Writes a configuration on free ports, whose mail goes where the routes say.
    public TestHome configure(String routes, String... lines) throws IOException {
        Files.writeString(
                file(),
                """
                hostname = mx.example.org
                listeners { smtp { port = 0 } }
                jmx { port = 0 }
                routes = [ %s ]
                queue { min-free-space = 0 }
                plugins = [ { use = anybody } ]
                %s
                """
                        .formatted(routes, String.join("\n", lines)));
        return this;
    }

    /// Reads what was written.
    public Configuration read() throws ConfigurationException {
        return Configuration.read(directory, file());
    }

    /// Returns the lines of the mail log.
    public List<String> mailLog() {
        try {
            return Files.readAllLines(directory.resolve("data/log/mail.log"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Returns the files below a directory.
    public List<Path> filesBelow(String name) {
        try (Stream<Path> files = Files.walk(directory.resolve(name))) {
            return files.filter(Files::isRegularFile).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Sends a message, and returns its id in the queue.
    public static String send(InetSocketAddress server, String recipient) throws IOException {
        try (SocketPeer peer = new SocketPeer(server)) {
            expect(peer, "220");
            String last = "";
            for (String line :
                    List.of(
                            "HELO client.example",
                            "MAIL FROM:<mona@example.org>",
                            "RCPT TO:<" + recipient + ">",
                            "DATA",
                            "Subject: Hello\r\n\r\nHello.\r\n.")) {
                peer.send((line + "\r\n").getBytes(StandardCharsets.US_ASCII));
                last = expect(peer, line.equals("DATA") ? "354" : "250");
            }
            return last.substring(last.lastIndexOf(' ') + 1);
        }
    }

    private static String expect(SocketPeer peer, String code) throws IOException {
        String line = peer.line().orElseThrow();
        assertThat(line).startsWith(code + " ");
        return line;
    }

    /// Waits until something is so.
    public static void await(BooleanSupplier condition) {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("it did not happen").isLessThan(end);
            Thread.yield();
        }
    }
}
