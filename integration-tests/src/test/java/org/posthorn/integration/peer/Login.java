package org.posthorn.integration.peer;

import org.posthorn.integration.harness.Finished;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// Programs that authenticate under TLS at a port of 127.0.0.1, and then send a message.
public enum Login {
    /// swaks.
    SWAKS {
        @Override
        List<String> command(int port, String mechanism, String user, String password) {
            return List.of(
                    Peer.SWAKS.path(),
                    "--server",
                    "127.0.0.1",
                    "--port",
                    Integer.toString(port),
                    "--helo",
                    "swaks.test",
                    "--tls",
                    "--auth",
                    mechanism,
                    "--auth-user",
                    user,
                    "--auth-password",
                    password,
                    "--body",
                    "@-");
        }

        @Override
        List<String> showing(Certificate shown) {
            return options("--tls-cert", "--tls-key", shown);
        }

        @Override
        List<String> envelope(String from, String to) {
            return List.of("--from", from, "--to", to);
        }
    },

    /// msmtp, with GNU SASL.
    MSMTP {
        @Override
        List<String> command(int port, String mechanism, String user, String password) {
            return List.of(
                    Peer.MSMTP.path(),
                    "--file=/dev/null",
                    "--host=127.0.0.1",
                    "--port=" + port,
                    "--domain=msmtp.test",
                    "--tls=on",
                    "--tls-starttls=on",
                    "--tls-certcheck=off",
                    "--auth=" + mechanism.toLowerCase(Locale.ROOT),
                    "--user=" + user,
                    "--passwordeval=echo " + password);
        }

        @Override
        List<String> showing(Certificate shown) {
            return List.of(
                    "--tls-cert-file=" + shown.certificate(), "--tls-key-file=" + shown.key());
        }

        @Override
        List<String> envelope(String from, String to) {
            return List.of("--from=" + from, "--", to);
        }
    },

    /// curl.
    CURL {
        @Override
        List<String> command(int port, String mechanism, String user, String password) {
            var command = new ArrayList<>(List.of(Peer.CURL.path(), "--silent", "--show-error"));
            command.addAll(List.of("--ssl-reqd", "--insecure", "--upload-file", "-"));
            command.addAll(List.of("--url", "smtp://127.0.0.1:" + port + "/curl.test"));
            command.addAll(List.of("--login-options", "AUTH=" + mechanism));
            command.addAll(List.of("--user", user + ":" + password));
            if (mechanism.contains("OAUTH")) {
                command.addAll(List.of("--oauth2-bearer", password));
            }
            return command;
        }

        @Override
        List<String> showing(Certificate shown) {
            return options("--cert", "--key", shown);
        }

        @Override
        List<String> envelope(String from, String to) {
            return List.of("--mail-from", from, "--mail-rcpt", to);
        }
    };

    abstract List<String> command(int port, String mechanism, String user, String password);

    abstract List<String> showing(Certificate shown);

    abstract List<String> envelope(String from, String to);

    private static List<String> options(String certificate, String key, Certificate shown) {
        return List.of(certificate, shown.certificate().toString(), key, shown.key().toString());
    }

    /// Sends a message from the user.
    public Finished send(int port, String mechanism, String user, String password, String to) {
        return send(port, mechanism, user, password, user, to);
    }

    /// Sends a message from anybody.
    public Finished send(
            int port, String mechanism, String user, String password, String from, String to) {
        return send(command(port, mechanism, user, password), from, to);
    }

    /// Sends a message from the user, who shows a certificate, by `EXTERNAL`.
    public Finished sendShowing(int port, Certificate shown, String user, String to) {
        List<String> command = new ArrayList<>(command(port, "EXTERNAL", user, ""));
        command.addAll(showing(shown));
        return send(command, user, to);
    }

    private Finished send(List<String> command, String from, String to) {
        List<String> all = new ArrayList<>(command);
        all.addAll(envelope(from, to));
        String message =
                "From: <" + from + ">\r\nTo: <" + to + ">\r\nSubject: hello\r\n\r\nhello\r\n";
        return Finished.run(all, message.getBytes(StandardCharsets.UTF_8));
    }
}
