package org.posthorn.delivery;

import org.posthorn.api.smtp.Reply;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/// Where mail for a domain goes. Immutable.
sealed interface Route {
    int SMTP_PORT = 25;
    int SMTPS_PORT = 465;
    int LMTP_PORT = 24;

    /// To its mail exchangers, found in the DNS.
    record Mx() implements Route {}

    /// By SMTP to a server.
    ///
    /// @param servers the server, and those that take its place, in this order
    /// @param implicitTls whether TLS begins with the connection (RFC 8314 §3.3)
    record Smtp(List<HostPort> servers, boolean implicitTls) implements Route {}

    /// By LMTP to a server.
    ///
    /// @param servers the server, and those that take its place, in this order
    record Lmtp(List<HostPort> servers) implements Route {}

    /// Into Maildirs below a directory: one per local part.
    record Maildir(Path directory) implements Route {}

    /// To a program, once per recipient.
    ///
    /// @param command the program and its arguments
    record Pipe(PipeCommand command) implements Route {}

    /// Back to its sender, or nowhere for now.
    ///
    /// @param reply what is said of it
    record Refuse(Reply reply) implements Route {}

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
            return new Smtp(servers(text.substring(7), SMTP_PORT), false);
        }
        if (text.startsWith("smtps://")) {
            return new Smtp(servers(text.substring(8), SMTPS_PORT), true);
        }
        if (text.startsWith("lmtp://")) {
            return new Lmtp(servers(text.substring(7), LMTP_PORT));
        }
        if (text.startsWith("maildir:") && text.length() > 8) {
            return new Maildir(path(directory, text.substring(8)));
        }
        if (text.startsWith("pipe:")) {
            return new Pipe(PipeCommand.parse(text.substring(5)));
        }
        if (text.startsWith("error:")) {
            return new Refuse(ErrorText.parse(text.substring(6)));
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
                                    + " lmtp://host:port (several with commas), maildir:path,"
                                    + " pipe:/program argument, error:5.1.1 text, hold or discard");
        };
    }

    private static List<HostPort> servers(String text, int defaultPort) {
        return Stream.of(text.split(",", -1))
                .map(it -> HostPort.parse(it.strip(), defaultPort))
                .toList();
    }

    private static Path path(Path directory, String path) {
        try {
            return directory.resolve(path);
        } catch (InvalidPathException e) {
            throw new IllegalArgumentException("to: '" + path + "' is not a path", e);
        }
    }
}
