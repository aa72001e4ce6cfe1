package org.posthorn.delivery;

import org.posthorn.api.config.Default;
import org.posthorn.api.config.Help;
import org.posthorn.smtp.client.Credentials;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/// The `login` block of a route: who we are to its server (RFC 4954). Immutable.
///
/// Secrets stand in files, so that they are in no printed configuration. A file is read anew for
/// each session: what is written into it counts at once.
///
/// @param user the user's name
/// @param passwordFile a file with the password
/// @param tokenFile a file with an access token
/// @param inClear whether to log in without TLS, too
public record LoginConfig(
        @Help("The user's name.") String user,
        @Help("File whose first line is the password.") Optional<Path> passwordFile,
        @Help("File whose first line is an OAuth 2 access token, in place of a password.")
                Optional<Path> tokenFile,
        @Help("Log in without TLS, too, where the server is not on this machine.") @Default("false")
                boolean inClear) {

    /// Checks that there is one secret.
    ///
    /// @throws IllegalArgumentException naming the setting and what was expected
    public LoginConfig {
        if (passwordFile.isPresent() == tokenFile.isPresent()) {
            throw new IllegalArgumentException(
                    "password-file: a login has a password-file or a token-file, and not both");
        }
    }

    /// Reads the secret.
    ///
    /// @throws IOException when the file cannot be read, or has nothing in its first line
    Credentials credentials() throws IOException {
        return passwordFile.isPresent()
                ? new Credentials.Password(user, firstLine(passwordFile.get()))
                : new Credentials.Token(user, firstLine(tokenFile.orElseThrow()));
    }

    private static String firstLine(Path file) throws IOException {
        try (var lines = Files.lines(file)) {
            return lines.findFirst()
                    .filter(line -> !line.isEmpty())
                    .orElseThrow(() -> new IOException(file + " has nothing in its first line"));
        }
    }
}
