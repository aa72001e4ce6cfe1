import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.concurrent.TimeUnit;

/// Runs the packed server once and sends it mail, so that its Java writes down the classes that it
/// loaded and linked: with that cache the server starts in a third of the time.
///
/// The arguments are the directory of the distribution, and a directory for what this run leaves.
final class Training {
    private static final int MESSAGES = 20;
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final Path distribution;
    private final Path work;
    private final int smtp;
    private final int jmx;

    private Training(Path distribution, Path work) throws IOException {
        this.distribution = distribution;
        this.work = work;
        try (var first = new ServerSocket(0);
                var second = new ServerSocket(0)) {
            smtp = first.getLocalPort();
            jmx = second.getLocalPort();
        }
    }

    public static void main(String[] arguments) throws IOException, InterruptedException {
        Path work = Path.of(arguments[1]).toAbsolutePath();
        remove(work);
        Files.createDirectories(work);
        new Training(Path.of(arguments[0]).toAbsolutePath(), work).run();
    }

    private void run() throws IOException, InterruptedException {
        Path cache = distribution.resolve("runtime/posthorn.aot");
        Path log = work.resolve("training.log");
        Files.deleteIfExists(cache);
        Process server = start(cache, log);
        boolean trained = false;
        try {
            send(server, log);
            trained = true;
        } finally {
            server.destroy();
            if (!server.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                server.destroyForcibly();
                throw failure("The server did not stop", log);
            }
            // A cache says that the distribution is whole.
            if (!trained) {
                Files.deleteIfExists(cache);
            }
        }
        if (Files.notExists(cache)) {
            throw failure("The server wrote no " + cache, log);
        }
    }

    private Process start(Path cache, Path log) throws IOException {
        Path configuration = work.resolve("posthorn.conf");
        Files.writeString(
                configuration,
                """
                hostname = "localhost"
                data-directory = "%1$s/data"
                listeners { smtp { address = "127.0.0.1", port = %2$d } }
                jmx { address = "127.0.0.1", port = %3$d }
                routes = [ { domains = ["localhost"], to = "maildir:%1$s/mail" } ]
                plugins = [
                  { use = relay-domains, domains = ["localhost"] }
                  { use = relay-clients, networks = ["127.0.0.0/8"] }
                ]
                """
                        .formatted(work, smtp, jmx));
        var command =
                new ProcessBuilder(
                        distribution.resolve("bin/posthorn").toString(),
                        "serve",
                        "--config",
                        configuration.toString());
        command.environment().put("POSTHORN_JAVA_OPTS", "-XX:AOTCacheOutput=" + cache);
        return command.redirectErrorStream(true).redirectOutput(log.toFile()).start();
    }

    private void send(Process server, Path log) throws IOException {
        try (Socket socket = connect(server, log)) {
            socket.setSoTimeout((int) PATIENCE.toMillis());
            var replies =
                    new BufferedReader(
                            new InputStreamReader(
                                    socket.getInputStream(), StandardCharsets.US_ASCII));
            OutputStream commands = socket.getOutputStream();
            expect("220", replies);
            say(commands, "EHLO localhost", "250", replies);
            for (int message = 1; message <= MESSAGES; message++) {
                say(commands, "MAIL FROM:<training@localhost>", "250", replies);
                say(commands, "RCPT TO:<postmaster@localhost>", "250", replies);
                say(commands, "DATA", "354", replies);
                String content =
                        "From: training@localhost\r\nSubject: " + message + "\r\n\r\nHello\r\n.";
                say(commands, content, "250", replies);
            }
            say(commands, "QUIT", "221", replies);
        }
    }

    /// The port opens when the server is ready, and only asking shows when that is.
    private Socket connect(Process server, Path log) throws IOException {
        Instant end = Instant.now().plus(PATIENCE);
        while (true) {
            try {
                return new Socket(InetAddress.getLoopbackAddress(), smtp);
            } catch (IOException refused) {
                if (!server.isAlive() || Instant.now().isAfter(end)) {
                    throw failure("The server did not start", log);
                }
                pause();
            }
        }
    }

    private static void pause() throws IOException {
        try {
            TimeUnit.MILLISECONDS.sleep(50);
        } catch (InterruptedException e) {
            throw new IOException("interrupted", e);
        }
    }

    private static void say(OutputStream commands, String line, String code, BufferedReader replies)
            throws IOException {
        commands.write((line + "\r\n").getBytes(StandardCharsets.US_ASCII));
        expect(code, replies);
    }

    private static void expect(String code, BufferedReader replies) throws IOException {
        String line;
        do {
            line = replies.readLine();
            if (line == null || !line.startsWith(code)) {
                throw new IOException("expected " + code + ", got: " + line);
            }
        } while (line.startsWith(code + "-"));
    }

    private static IOException failure(String what, Path log) throws IOException {
        return new IOException(what + ". It said:\n" + Files.readString(log));
    }

    private static void remove(Path directory) throws IOException {
        if (Files.notExists(directory)) {
            return;
        }
        try (var tree = Files.walk(directory)) {
            for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
