package org.posthorn.server.management;

import org.jspecify.annotations.Nullable;
import org.posthorn.api.event.MailObserver;
import org.posthorn.delivery.Routes;
import org.posthorn.queue.Finding;
import org.posthorn.queue.Operation;
import org.posthorn.queue.RocksQueue;
import org.posthorn.queue.StoppedQueue;
import org.posthorn.server.mxbean.StoreMXBean;
import org.posthorn.server.mxbean.StoreVerification;
import org.posthorn.server.mxbean.TransferProgress;
import org.posthorn.server.mxbean.TransferredMail;
import org.posthorn.server.selection.Selection;
import org.posthorn.server.transfer.Account;
import org.posthorn.server.transfer.Export;
import org.posthorn.server.transfer.Import;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;

/// The store behind its contract. One operation at a time.
public final class StoreBean implements StoreMXBean {
    private static final Logger LOG = LoggerFactory.getLogger(StoreBean.class);

    private final RocksQueue queue;
    private final Path copy;
    private final Routes routes;
    private final InstantSource clock;
    private final Import imports;
    private final AtomicReference<@Nullable Account> running = new AtomicReference<>();

    /// Makes one.
    ///
    /// @param directory where there may be a copy for a while
    /// @param routes say where jobs go, and where they can be sent
    /// @param observer is told of what is imported
    /// @param largest how many octets content may have that is imported
    public StoreBean(
            RocksQueue queue,
            Path directory,
            Routes routes,
            MailObserver observer,
            InstantSource clock,
            long largest) {
        this.queue = queue;
        this.copy = directory.resolve("queue.copy");
        this.routes = routes;
        this.clock = clock;
        this.imports =
                new Import(
                        queue,
                        it -> Redirection.checkForeign(it, routes),
                        observer,
                        clock,
                        largest);
    }

    @Override
    public String getFault() {
        return queue.health().fault().orElse("");
    }

    @Override
    public List<String> getDamage() {
        return queue.health().damage();
    }

    @Override
    public long getFreeOctets() {
        return queue.health().free();
    }

    @Override
    public long getDraftOctets() {
        return queue.health().drafts();
    }

    @Override
    public long getWaitingWrites() {
        return queue.health().waitingWrites();
    }

    @Override
    public long getSyncMillis() {
        return queue.health().sync().toMillis();
    }

    @Override
    public synchronized StoreVerification verify() throws IOException {
        return onCopy(store -> verification(StoppedQueue.verify(store)));
    }

    private interface Reading<T> {
        T of(Path store) throws IOException;
    }

    private <T> T onCopy(Reading<T> reading) throws IOException {
        remove(copy);
        try {
            Path store = PrivateFile.directory(copy).resolve("queue");
            queue.backUp(store);
            return reading.of(store);
        } finally {
            remove(copy);
        }
    }

    /// Returns what was found as it is shown.
    public static StoreVerification verification(StoppedQueue.Verification it) {
        return new StoreVerification(
                it.messages(),
                it.jobs(),
                it.aside(),
                it.wrong(),
                it.findings().stream().map(Finding::toString).toList());
    }

    private static void remove(Path directory) throws IOException {
        if (Files.exists(directory)) {
            try (Stream<Path> all = Files.walk(directory)) {
                List<Path> deepestFirst = all.sorted(Comparator.reverseOrder()).toList();
                for (Path it : deepestFirst) {
                    Files.delete(it);
                }
            }
        }
    }

    @Override
    public synchronized void backUp(String directory) throws IOException {
        Path to = absolute(directory);
        Path store = to.resolve("queue");
        if (Files.exists(store)) {
            throw new IOException("there is a queue in " + to + " already: name another directory");
        }
        PrivateFile.directory(to);
        queue.backUp(store);
    }

    private static Path absolute(String path) {
        Path absolute = Path.of(path);
        if (!absolute.isAbsolute()) {
            throw new IllegalArgumentException("expected an absolute path, not " + path);
        }
        return absolute.normalize();
    }

    @Override
    public synchronized TransferredMail exportTo(String where, String path) throws IOException {
        Path to = absolute(path);
        Export export = new Export(Selection.parse(where), routes::describe, clock);
        TransferredMail mail =
                transfer(
                        "export",
                        account ->
                                onCopy(
                                        store -> {
                                            export.run(store, to, account);
                                            return account.result();
                                        }));
        LOG.info("{} messages were exported to {}", mail.messages(), to);
        return mail;
    }

    @Override
    public synchronized TransferredMail importFrom(
            String path, boolean newIds, String who, String why) throws IOException {
        Path from = absolute(path);
        Operation.By by = Signature.of(who, why);
        TransferredMail mail =
                transfer(
                        "import",
                        account -> {
                            imports.run(from, newIds, by, account);
                            return account.result();
                        });
        LOG.info("{} messages were imported from {}", mail.messages(), from);
        return mail;
    }

    private interface Transfer {
        TransferredMail with(Account account) throws IOException;
    }

    private TransferredMail transfer(String operation, Transfer transfer) throws IOException {
        Account account = new Account(operation);
        running.set(account);
        try {
            return transfer.with(account);
        } catch (IOException e) {
            throw new IOException(
                    "stopped when %d messages were done: %s"
                            .formatted(account.result().messages(), e.getMessage()),
                    e);
        } finally {
            running.set(null);
        }
    }

    @Override
    public List<TransferProgress> getTransfers() {
        Account account = running.get();
        return account == null ? List.of() : account.transfers();
    }
}
