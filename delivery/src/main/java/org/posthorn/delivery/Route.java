package org.posthorn.delivery;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/// Where mail for a domain goes. Immutable.
sealed interface Route {
    int SMTP_PORT = 25;
    int SMTPS_PORT = 465;
    int LMTP_PORT = 24;

    /// To its mail exchangers, found in the DNS.
    record Mx() implements Route {}

    /// By SMTP to one server.
    ///
    /// @param implicitTls whether TLS begins with the connection (RFC 8314 §3.3)
    record Smtp(HostPort server, boolean implicitTls) implements Route {}

    /// By LMTP to one server.
    record Lmtp(HostPort server) implements Route {}

    /// Into Maildirs below a directory: one per local part.
    record Maildir(Path directory) implements Route {}

    /// Nowhere, until an operator releases it.
    record Hold() implements Route {}

    /// Nowhere.
    record Discard() implements Route {}

    /// Reads what stands behind `to`.
    ///
    /// @param directory what relative paths are relative to
    /// @throws IllegalArgumentException when it is no route
    static Route parse(String text, Path directory) {
        if (text.startsWith("smtp://")) {
            return new Smtp(HostPort.parse(text.substring(7), SMTP_PORT), false);
        }
        if (text.startsWith("smtps://")) {
            return new Smtp(HostPort.parse(text.substring(8), SMTPS_PORT), true);
        }
        if (text.startsWith("lmtp://")) {
            return new Lmtp(HostPort.parse(text.substring(7), LMTP_PORT));
        }
        if (text.startsWith("maildir:") && text.length() > 8) {
            return new Maildir(path(directory, text.substring(8)));
        }
        return switch (text) {
            case "mx" -> new Mx();
            case "hold" -> new Hold();
            case "discard" -> new Discard();
            default ->
                    throw new IllegalArgumentException(
                            "to: '"
                                    + text
                                    + "' is no route: expected mx, smtp://host:port, smtps://host:port,"
                                    + " lmtp://host:port, maildir:path, hold or discard");
        };
    }

    private static Path path(Path directory, String path) {
        try {
            return directory.resolve(path);
        } catch (InvalidPathException e) {
            throw new IllegalArgumentException("to: '" + path + "' is not a path", e);
        }
    }
}
