package org.posthorn.server.command;

import org.posthorn.server.assembly.Configuration;
import org.posthorn.server.config.ConfigurationException;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

import java.io.PrintWriter;

/// `posthorn config`
@Command(name = "config", description = "Reads the configuration as the server would.")
final class ConfigCommand {
    private final PrintWriter out;

    ConfigCommand(PrintWriter out) {
        this.out = out;
    }

    @Command(
            name = "check",
            description = {
                "Says all that is wrong with the configuration, each with file and line,",
                "and what was expected. The server does not start with such a configuration."
            })
    int check(@Mixin ConfigOption config) throws ConfigurationException {
        Configuration read = config.read();
        out.println(read.file() + ": nothing is wrong");
        return 0;
    }

    @Command(
            name = "print",
            description = {
                "Prints what the configuration comes to, with every default and with paths",
                "resolved, and where each setting comes from. The output is a configuration again."
            })
    int print(@Mixin ConfigOption config) throws ConfigurationException {
        out.print(config.read().print());
        return 0;
    }
}
