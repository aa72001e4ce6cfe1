package org.posthorn.integration.peer;

import org.posthorn.integration.harness.Daemon;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// Dovecot, which knows one user, and answers other programs about it at a socket: us, or Postfix.
/// Runs as root.
public final class DovecotAuth implements AutoCloseable {
    private final Path directory;
    private Daemon daemon;

    private DovecotAuth(Path directory) {
        this.directory = directory;
    }

    /// Starts it, and waits until it can be asked.
    ///
    /// @param mechanisms which it offers, in lower case
    public static DovecotAuth start(Path parent, String mechanisms, String user, String password)
            throws IOException {
        Path directory = Files.createDirectories(parent.resolve("dovecot-auth"));
        Files.writeString(directory.resolve("users"), user + ":{PLAIN}" + password + "::::::\n");
        Files.writeString(
                directory.resolve("dovecot.conf"),
                """
                base_dir = %1$s/run
                state_dir = %1$s/state
                log_path = %1$s/dovecot.log
                protocols =
                ssl = no
                disable_plaintext_auth = no
                auth_mechanisms = %2$s
                auth_failure_delay = 0
                passdb {
                  driver = passwd-file
                  args = %1$s/users
                }
                userdb {
                  driver = static
                  args = uid=nobody gid=nogroup home=/nonexistent
                }
                service auth {
                  unix_listener %1$s/auth {
                    mode = 0666
                  }
                }
                service stats {
                  unix_listener stats-writer {
                    mode = 0666
                  }
                }
                """
                        .formatted(directory, mechanisms));
        var dovecot = new DovecotAuth(directory);
        dovecot.restart();
        return dovecot;
    }

    /// Returns where it can be asked.
    public Path socket() {
        return directory.resolve("auth");
    }

    /// Starts it again.
    public void restart() {
        daemon =
                Daemon.start(
                                directory,
                                "dovecot",
                                Map.of(),
                                List.of(
                                        Peer.DOVECOT.path(),
                                        "-F",
                                        "-c",
                                        directory.resolve("dovecot.conf").toString()))
                        .awaitReady(this::answers);
    }

    private boolean answers() {
        try (var channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            return channel.connect(UnixDomainSocketAddress.of(socket()));
        } catch (IOException e) {
            return false;
        }
    }

    /// Ends it, and with it the process that would serve those on who are connected.
    public void stop() throws IOException {
        daemon.kill();
        Files.deleteIfExists(socket());
    }

    @Override
    public void close() {
        daemon.close();
    }
}
