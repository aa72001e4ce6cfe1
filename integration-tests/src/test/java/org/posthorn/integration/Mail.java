package org.posthorn.integration;

import static java.nio.charset.StandardCharsets.US_ASCII;

import org.posthorn.integration.harness.PosthornProcess;
import org.posthorn.integration.harness.SmtpConnection;

import java.io.IOException;
import java.util.List;

/// Ordinary messages for tests that care for something else.
final class Mail {
    private Mail() {}

    /// Sends a message to a server.
    ///
    /// @param octets how much goes behind the message that [#about] makes
    /// @return the last reply, or the first one that refuses
    static String send(PosthornProcess server, String to, String subject, int octets)
            throws IOException {
        try (SmtpConnection connection = SmtpConnection.greeted(server.smtpPort())) {
            for (String command : List.of("MAIL FROM:<>", "RCPT TO:<" + to + ">", "DATA")) {
                String reply = connection.command(command);
                if (reply.charAt(0) > '3') {
                    return reply;
                }
            }
            connection.write(about(subject));
            connection.write(("x".repeat(62) + "\r\n").repeat(octets / 64).getBytes(US_ASCII));
            return connection.command(".");
        }
    }

    /// Returns a message with this subject and a short body.
    static byte[] about(String subject) {
        return """
        From: Mona <mona@client.test>
        To: Leo <leo@home.test>
        Subject: %s

        Good morning.
        """
                .formatted(subject)
                .replace("\n", "\r\n")
                .getBytes(US_ASCII);
    }
}
