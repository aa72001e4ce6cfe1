package org.posthorn.integration.peer;

import org.posthorn.integration.harness.Daemon;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// Dovecot as nothing but a SASL server at a socket, for Postfix to ask. Runs as root.
public final class DovecotAuth implements AutoCloseable {
    private final Daemon daemon;
    private final Path socket;

    private DovecotAuth(Daemon daemon, Path socket) {
        this.daemon = daemon;
        this.socket = socket;
    }

    /// Starts it, and waits for its socket.
    ///
    /// @param mechanisms which it offers, in lower case
    public static DovecotAuth start(Path parent, String mechanisms, String user, String password)
            throws IOException {
        Path directory = Files.createDirectories(parent.resolve("dovecot-auth"));
        Files.writeString(directory.resolve("users"), user + ":{PLAIN}" + password + "\n");
        Path socket = directory.resolve("auth");
        Path settings =
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
                        passdb {
                          driver = passwd-file
                          args = %1$s/users
                        }
                        userdb {
                          driver = static
                          args = uid=nobody gid=nogroup home=/
                        }
                        service auth {
                          unix_listener %3$s {
                            mode = 0666
                          }
                        }
                        """
                                .formatted(directory, mechanisms, socket));
        Daemon daemon =
                Daemon.start(
                                directory,
                                "dovecot",
                                Map.of(),
                                List.of(Peer.DOVECOT.path(), "-F", "-c", settings.toString()))
                        .awaitReady(() -> Files.exists(socket));
        return new DovecotAuth(daemon, socket);
    }

    /// Returns where it is asked.
    public Path socket() {
        return socket;
    }

    @Override
    public void close() {
        daemon.close();
    }
}
