package org.posthorn.server.management;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.random.RandomGenerator;

/// User and password of the management: made once, in a file that nobody but the server's user can
/// read. Immutable.
record Credentials(String user, String password) {
    private static final int OCTETS = 24;

    /// Reads the file, or makes it.
    ///
    /// @param random must not be guessable
    /// @throws IOException when that fails, or it does not hold what it should; names the file
    static Credentials in(Path file, RandomGenerator random) throws IOException {
        if (Files.exists(file)) {
            return read(file);
        }
        byte[] octets = new byte[OCTETS];
        random.nextBytes(octets);
        String password = Base64.getUrlEncoder().withoutPadding().encodeToString(octets);
        PrivateFile.write(file, "posthorn:" + password + "\n");
        return new Credentials("posthorn", password);
    }

    /// Reads the file.
    ///
    /// @throws IOException when that fails, or it does not hold what it should; names the file
    static Credentials read(Path file) throws IOException {
        String[] parts = Files.readString(file).strip().split(":", 2);
        if (parts.length != 2 || parts[0].isEmpty() || parts[1].isEmpty()) {
            throw new IOException(file + " should hold USER:PASSWORD: remove it, and restart");
        }
        return new Credentials(parts[0], parts[1]);
    }

    /// Tells whether these are given, in a time that does not depend on how much of them is right.
    boolean match(@Nullable Object given) {
        if (!(given instanceof String[] parts) || parts.length != 2) {
            return false;
        }
        boolean rightUser = equal(user, parts[0]);
        boolean rightPassword = equal(password, parts[1]);
        return rightUser && rightPassword;
    }

    private static boolean equal(String ours, @Nullable String theirs) {
        return theirs != null
                && MessageDigest.isEqual(
                        ours.getBytes(StandardCharsets.UTF_8),
                        theirs.getBytes(StandardCharsets.UTF_8));
    }

    String[] toArray() {
        return new String[] {user, password};
    }
}
