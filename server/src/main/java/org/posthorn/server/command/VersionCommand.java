package org.posthorn.server.command;

import java.io.PrintWriter;
import org.posthorn.server.assembly.Version;
import picocli.CommandLine.Command;

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
