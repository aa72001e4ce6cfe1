package org.posthorn.server.command;

import picocli.CommandLine.Option;

/// The option for programs that read what a command prints.
final class JsonOption {
    @Option(names = "--json", description = "Prints JSON: one object per line.")
    private boolean json;

    boolean isGiven() {
        return json;
    }
}
