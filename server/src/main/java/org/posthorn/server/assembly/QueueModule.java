package org.posthorn.server.assembly;

import com.google.inject.Exposed;
import com.google.inject.PrivateModule;
import com.google.inject.Provides;
import com.google.inject.Singleton;

import org.posthorn.api.event.MailEvent;
import org.posthorn.api.event.MailObserver;
import org.posthorn.api.intake.Intake;
import org.posthorn.delivery.HoldingIntake;
import org.posthorn.delivery.Routes;
import org.posthorn.queue.Destination;
import org.posthorn.queue.LaneLimits;
import org.posthorn.queue.Queue;
import org.posthorn.queue.QueueConfig;
import org.posthorn.queue.RocksQueue;
import org.posthorn.server.management.PrivateFile;

import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.random.RandomGenerator;

/// Wires the queue.
///
/// Needs: `Routes`, `MailObserver`, `InstantSource`; the store is opened while other parts are
/// made. Offers: `Queue`, `RocksQueue`, `Intake`.
final class QueueModule extends PrivateModule {
    private final Ahead<RocksQueue> opened;

    QueueModule(
            PosthornConfig config, InstantSource clock, RandomGenerator random, Teardown teardown) {
        opened = Ahead.begin("open queue", () -> open(config, clock, random));
        teardown.add(() -> opened.whenDone(RocksQueue::close));
    }

    @Override
    protected void configure() {}

    @Provides
    @Exposed
    @Singleton
    Intake intake(Queue queue, Routes routes) {
        return new HoldingIntake(queue, routes);
    }

    @Provides
    @Exposed
    @Singleton
    RocksQueue store(MailObserver observer, InstantSource clock) throws IOException {
        RocksQueue store = opened.result();
        store.tellFaults(
                fault ->
                        observer.tell(
                                fault.<MailEvent>map(
                                                it ->
                                                        new MailEvent.StoreFailed(
                                                                clock.instant(), it))
                                        .orElseGet(
                                                () ->
                                                        new MailEvent.StoreResumed(
                                                                clock.instant()))));
        return store;
    }

    @Provides
    @Exposed
    @Singleton
    Queue queue(RocksQueue store) {
        return store;
    }

    static RocksQueue open(PosthornConfig config, InstantSource clock, RandomGenerator random)
            throws IOException {
        QueueConfig queue = config.queue();
        LaneLimits limits =
                new FixedLimits(
                        queue.activeLimit(),
                        queue.lanes(),
                        (int) Math.max(1, queue.activeLimit() * (long) queue.senderShare() / 100));
        Path directory = PrivateFile.directory(config.dataDirectory().resolve("queue"));
        return RocksQueue.open(directory, queue, limits, clock, random);
    }

    /// The same for every destination.
    private record FixedLimits(int active, int lanes, int share) implements LaneLimits {
        @Override
        public int lanes(Destination destination) {
            return lanes;
        }
    }
}
