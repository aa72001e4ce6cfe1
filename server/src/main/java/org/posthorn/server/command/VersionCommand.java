package org.posthorn.server.command;

import org.posthorn.server.assembly.Version;

import picocli.CommandLine.Command;

import java.io.PrintWriter;

/// `posthorn version`
@Command(name = "version", description = "Prints the version of this program.")
final class VersionCommand implements Runnable {
    private final PrintWriter out;

    VersionCommand(PrintWriter out) {
        this.out = out;
    }

    @Override
    public void run() {
        out.println("posthorn " + Version.TEXT);
    }
}
