package org.posthorn.integration;

import java.nio.charset.StandardCharsets;

/// Ordinary messages for tests that care for something else.
final class Mail {
    private Mail() {}

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
                .getBytes(StandardCharsets.US_ASCII);
    }
}
