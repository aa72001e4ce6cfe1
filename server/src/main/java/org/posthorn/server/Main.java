package org.posthorn.server;

import org.posthorn.server.command.Posthorn;

/// The program.
public final class Main {
    private Main() {}

    /// Runs a command, and ends with its exit status; `serve` ends when the server is stopped.
    public static void main(String[] arguments) {
        System.exit(Posthorn.run(arguments));
    }
}
