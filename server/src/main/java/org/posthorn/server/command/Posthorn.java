package org.posthorn.server.command;

import org.posthorn.api.mail.Domain;
import org.posthorn.api.mail.MailSyntaxException;
import org.posthorn.api.mail.MessageId;
import org.posthorn.server.assembly.StartException;
import org.posthorn.server.config.ConfigurationException;
import org.posthorn.server.config.Problem;
import org.posthorn.server.management.ManagementClient.NotRunningException;
import org.posthorn.server.selection.Selection;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.TypeConversionException;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/// The command of which all others are parts.
@Command(
        name = "posthorn",
        description = "A mail transfer agent.",
        synopsisSubcommandLabel = "COMMAND",
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {
            "0:Done.",
            "1:Failed; standard error says why.",
            "2:Wrong usage.",
            "3:No server is running.",
            "4:There is no such message."
        })
public final class Posthorn {
    static final int NO_SUCH_MESSAGE = 4;
    static final int FAILED = 1;
    static final int WRONG_USAGE = 2;
    private static final int NOT_RUNNING = 3;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            scope = ScopeType.INHERIT,
            description = "Explains the command.")
    @SuppressWarnings("UnusedVariable") // picocli does what there is to do
    private boolean help;

    private Posthorn() {}

    /// Runs a command.
    ///
    /// @return its exit status
    public static int run(String... arguments) {
        return run(
                new PrintWriter(System.out, false, StandardCharsets.UTF_8),
                new PrintWriter(System.err, false, StandardCharsets.UTF_8),
                arguments);
    }

    static int run(PrintWriter out, PrintWriter err, String... arguments) {
        try {
            Optional<ConfigOption> serve = serve(arguments);
            return serve.isPresent()
                    ? serve(new Serve(out, serve.get()), err)
                    : commandLine(out, err).execute(arguments);
        } finally {
            out.flush();
            err.flush();
        }
    }

    /// The start of the server does without picocli, whose classes are too old for the class cache:
    /// reading them would be a fifth of it.
    private static Optional<ConfigOption> serve(String... arguments) {
        return switch (List.of(arguments)) {
            case List<String> it when it.equals(List.of("serve")) ->
                    Optional.of(new ConfigOption());
            case List<String> it
                    when it.size() == 3 && it.subList(0, 2).equals(List.of("serve", "--config")) ->
                    Optional.of(new ConfigOption(Path.of(it.getLast())));
            default -> Optional.empty();
        };
    }

    private static int serve(Serve serve, PrintWriter err) {
        try {
            return serve.call();
        } catch (Exception e) {
            return report(e, err);
        }
    }

    static CommandLine commandLine(PrintWriter out, PrintWriter err) {
        TransferCommands.Surroundings here =
                new TransferCommands.Surroundings(
                        out, err, Clock.system(ZoneOffset.UTC), RandomGenerator.of("SecureRandom"));
        return new CommandLine(new Posthorn())
                .addSubcommand(new Serve(out, new ConfigOption()))
                .addSubcommand(new ConfigCommand(out))
                .addSubcommand(
                        new CommandLine(new QueueCommand(out, err))
                                .addSubcommand(new StoreCommands.Verify(out))
                                .addSubcommand(new StoreCommands.Repair(out, here.clock()))
                                .addSubcommand(new StoreCommands.Backup())
                                .addSubcommand(new TransferCommands.Export(here))
                                .addSubcommand(new TransferCommands.Import(here)))
                .addSubcommand(new SiteCommand(out, err))
                .addSubcommand(
                        new UserCommand(
                                out,
                                err,
                                Password.from(System.console(), System.in),
                                here.random()))
                .addSubcommand(new TlsCommand(out, err))
                .addSubcommand(new Status(out))
                .addSubcommand(new VersionCommand(out))
                .registerConverter(MessageId.class, Posthorn::messageId)
                .registerConverter(Selection.class, Posthorn::selection)
                .registerConverter(Domain.class, Posthorn::domain)
                .setOut(out)
                .setErr(err)
                .setExecutionExceptionHandler((failure, _, _) -> report(failure, err));
    }

    private static MessageId messageId(String text) {
        try {
            return new MessageId(text);
        } catch (MailSyntaxException e) {
            throw new TypeConversionException("'" + text + "' is none: " + e.getMessage());
        }
    }

    private static Domain domain(String text) {
        try {
            return Domain.parse(text);
        } catch (MailSyntaxException e) {
            throw new TypeConversionException("'" + text + "' is none: " + e.getMessage());
        }
    }

    private static Selection selection(String text) {
        try {
            return Selection.parse(text);
        } catch (IllegalArgumentException e) {
            throw new TypeConversionException(String.valueOf(e.getMessage()));
        }
    }

    private static int report(Exception failure, PrintWriter err) {
        switch (failure) {
            case ConfigurationException wrong ->
                    wrong.problems().stream().map(Problem::toString).forEach(err::println);
            case NotRunningException _ -> {
                err.println("posthorn: " + failure.getMessage());
                return NOT_RUNNING;
            }
            case StartException _ -> err.println("posthorn: cannot start: " + failure.getMessage());
            case IOException _ -> err.println("posthorn: " + failure.getMessage());
            default -> failure.printStackTrace(err);
        }
        return FAILED;
    }
}
