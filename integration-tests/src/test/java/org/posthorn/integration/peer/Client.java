package org.posthorn.integration.peer;

import org.posthorn.integration.harness.Finished;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Programs that send one message to a port of 127.0.0.1. Its lines end with CRLF.
public enum Client {
    /// swaks, told to leave the content as it is.
    SWAKS {
        @Override
        Finished send(int port, String from, List<String> to, byte[] content, boolean tls)
                throws IOException {
            Path data = Files.createTempFile("posthorn", ".eml");
            Files.write(data, dotted(content));
            var command = new ArrayList<>(List.of(Peer.SWAKS.path(), "--server", "127.0.0.1"));
            command.addAll(List.of("--port", Integer.toString(port), "--helo", "swaks.test"));
            command.addAll(List.of("--from", from, "--to", String.join(",", to)));
            command.addAll(List.of("--no-data-fixup", "--data", "@" + data));
            if (tls) {
                command.add("--tls");
            }
            Finished finished = Finished.run(command);
            Files.delete(data);
            return finished;
        }
    },

    /// Python's smtplib.
    SMTPLIB {
        @Override
        Finished send(int port, String from, List<String> to, byte[] content, boolean tls) {
            var command = new ArrayList<>(List.of(Peer.PYTHON.path(), "-c", script("send.py")));
            String body = isAscii(content) ? "-" : "8BITMIME";
            command.addAll(List.of(Integer.toString(port), from, body, tls ? "starttls" : "-"));
            command.addAll(to);
            return Finished.run(command, content);
        }
    },

    /// msmtp, told to add no fields.
    MSMTP {
        @Override
        Finished send(int port, String from, List<String> to, byte[] content, boolean tls) {
            var command = new ArrayList<>(List.of(Peer.MSMTP.path(), "--file=/dev/null"));
            command.addAll(List.of("--host=127.0.0.1", "--port=" + port, "--from=" + from));
            command.addAll(List.of("--domain=msmtp.test", "--set-date-header=off"));
            command.addAll(List.of("--set-msgid-header=off", "--set-from-header=off"));
            command.addAll(List.of("--remove-bcc-headers=off", "--undisclosed-recipients=off"));
            if (tls) {
                command.addAll(List.of("--tls=on", "--tls-starttls=on", "--tls-certcheck=off"));
            }
            command.add("--");
            command.addAll(to);
            return Finished.run(command, content);
        }
    },

    /// curl.
    CURL {
        @Override
        Finished send(int port, String from, List<String> to, byte[] content, boolean tls) {
            var command = new ArrayList<>(List.of(Peer.CURL.path(), "--silent", "--show-error"));
            command.addAll(List.of("--url", "smtp://127.0.0.1:" + port + "/curl.test"));
            command.addAll(List.of("--mail-from", from, "--upload-file", "-"));
            to.forEach(recipient -> command.addAll(List.of("--mail-rcpt", recipient)));
            if (tls) {
                command.addAll(List.of("--ssl-reqd", "--insecure"));
            }
            return Finished.run(command, content);
        }
    };

    abstract Finished send(int port, String from, List<String> to, byte[] content, boolean tls)
            throws IOException;

    /// Sends a message in plain text.
    public Finished send(int port, String from, List<String> to, byte[] content)
            throws IOException {
        return send(port, from, to, content, false);
    }

    /// Sends a message after `STARTTLS`, whoever the certificate is for.
    public Finished sendEncrypted(int port, String from, List<String> to, byte[] content)
            throws IOException {
        return send(port, from, to, content, true);
    }

    /// Sends an internationalised message by Python's smtplib, which asks for a report of it.
    ///
    /// @param options parameters of `MAIL`
    /// @param recipientOptions parameters of `RCPT`
    public static Finished sendUtf8(
            int port,
            String from,
            String to,
            List<String> options,
            List<String> recipientOptions,
            byte[] content) {
        var command = new ArrayList<>(List.of(Peer.PYTHON.path(), "-c", script("utf8.py")));
        command.addAll(List.of(Integer.toString(port), from, to));
        command.addAll(List.of(String.join(" ", options), String.join(" ", recipientOptions)));
        return Finished.run(command, content);
    }

    /// Returns what goes over the wire, the final dot included (RFC 5321 §4.5.2).
    private static byte[] dotted(byte[] content) {
        String text = new String(content, StandardCharsets.ISO_8859_1);
        String stuffed = text.replaceAll("(?<=\\A|\\r\\n)\\.", "..");
        return (stuffed + ".\r\n").getBytes(StandardCharsets.ISO_8859_1);
    }

    private static boolean isAscii(byte[] content) {
        for (byte octet : content) {
            if (octet < 0) {
                return false;
            }
        }
        return true;
    }

    /// Returns a Python script of this package.
    static String script(String name) {
        try (InputStream in = Client.class.getResourceAsStream(name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
