package org.posthorn.server.command;

import org.jspecify.annotations.Nullable;

import java.io.BufferedReader;
import java.io.Console;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// Where a new password comes from: never from the command line, which others on the machine see.
@FunctionalInterface
interface Password {

    /// Asks for the password of an account.
    ///
    /// @throws IOException when there is none, in words for an operator
    String ask(String name) throws IOException;

    /// Asks at the terminal, twice; without one, takes the first line of an input.
    static Password from(@Nullable Console console, InputStream input) {
        return name ->
                console != null && console.isTerminal() ? typed(console, name) : line(input, name);
    }

    private static String typed(Console console, String name) throws IOException {
        char[] once = console.readPassword("Password for %s: ", name);
        char[] again = console.readPassword("The same again: ");
        if (once == null || again == null || !Arrays.equals(once, again)) {
            throw new IOException("these were not the same: nothing is changed");
        }
        return new String(once);
    }

    private static String line(InputStream input, String name) throws IOException {
        var lines = new BufferedReader(new InputStreamReader(input, StandardCharsets.UTF_8));
        String line = lines.readLine();
        if (line == null) {
            throw new IOException("there is no password for " + name + " on standard input");
        }
        return line;
    }
}
