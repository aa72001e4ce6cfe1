package org.posthorn.server.assembly;

import org.posthorn.delivery.RetrySchedule;
import org.posthorn.delivery.Routes;
import org.posthorn.queue.Operation;
import org.posthorn.queue.RocksQueue;
import org.posthorn.server.management.Redirection;
import org.posthorn.server.selection.Selection;
import org.posthorn.server.transfer.Account;
import org.posthorn.server.transfer.Export;
import org.posthorn.server.transfer.Import;

import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.random.RandomGenerator;

/// A server that does not run: what can be done with its queue all the same.
///
/// @param config its settings
/// @param home what relative paths are relative to
/// @param clock what time it is
/// @param random makes ids hard to guess
public record StoppedServer(
        PosthornConfig config, Path home, InstantSource clock, RandomGenerator random) {
    /// What servers on the way may have put before a message that was once small enough.
    private static final long HEADERS = 1 << 20;

    static long largestImport(PosthornConfig config) {
        return config.message().maxSize().bytes() + HEADERS;
    }

    private Routes routes() {
        return Routes.of(config.routes(), home, RetrySchedule.of(config.queue()));
    }

    /// Exports mail, as [Export#run] does.
    ///
    /// @throws IOException as there
    public void exportTo(Selection which, Path to, Account account) throws IOException {
        new Export(which, routes()::describe, clock)
                .run(config.dataDirectory().resolve("queue"), to, account);
    }

    /// Imports mail, as [Import#run] does.
    ///
    /// @throws IOException as there, and when the queue cannot be opened
    public void importFrom(Path from, boolean renamed, Operation.By by, Account account)
            throws IOException {
        Routes routes = routes();
        try (RocksQueue queue = QueueModule.open(config, clock, random)) {
            new Import(
                            queue,
                            it -> Redirection.checkForeign(it, routes),
                            _ -> {},
                            clock,
                            largestImport(config))
                    .run(from, renamed, by, account);
        }
    }
}
