package org.posthorn.server.command;

import org.posthorn.server.assembly.Configuration;
import org.posthorn.server.assembly.Server;
import org.posthorn.server.log.DeveloperLog;
import org.slf4j.LoggerFactory;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

import java.io.PrintWriter;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;

/// `posthorn serve`
@Command(
        name = "serve",
        description = {
            "Runs the server in the foreground, until it is told to stop by SIGTERM or Ctrl-C:",
            "then it lets what has begun finish, and loses nothing."
        })
final class Serve implements Callable<Integer> {
    private final PrintWriter out;
    @Mixin private final ConfigOption config;

    Serve(PrintWriter out, ConfigOption config) {
        this.out = out;
        this.config = config;
    }

    @Override
    public Integer call() throws Exception {
        Configuration configuration = config.read();
        DeveloperLog.show(configuration.settings().log().level());
        configuration
                .catalog()
                .broken()
                .forEach(it -> LoggerFactory.getLogger(Serve.class).warn("not loaded: {}", it));
        CompletableFuture<Optional<Server>> started = new CompletableFuture<>();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(started), "stop"));
        try {
            Server server = Server.start(configuration);
            started.complete(Optional.of(server));
            out.print(StartText.of(configuration, server.listening()));
            out.flush();
        } finally {
            started.complete(Optional.empty());
        }
        new CountDownLatch(1).await();
        return 0;
    }

    /// A signal may come as soon as somebody was greeted, which is before the start is over. It
    /// ends Java with a status of its own, but to have stopped as told is a success.
    private static void stop(CompletableFuture<Optional<Server>> started) {
        Optional<Server> server = started.join();
        if (server.isPresent()) {
            server.get().close();
            Runtime.getRuntime().halt(0);
        }
    }
}
