package org.posthorn.queue.log;

import org.posthorn.queue.sim.SimDisk;
import org.posthorn.queue.sim.SimLog;

import java.util.SplittableRandom;
import java.util.concurrent.CompletionStage;

/// The simulated log keeps the contract of all logs.
class SimLogTest implements QueueLogContract {
    @Override
    public Bench bench() {
        SimDisk disk = new SimDisk();
        SplittableRandom random = new SplittableRandom(1);
        return new Bench() {
            private SimLog log = new SimLog(disk, random, 0);

            @Override
            public QueueLog open(OwnerCallback owner) {
                log = new SimLog(disk, random, 0);
                log.start(owner);
                return log;
            }

            @Override
            public void crash() {
                log.crash();
            }

            @Override
            public <T> T done(CompletionStage<T> stage) {
                log.run();
                return stage.toCompletableFuture().join();
            }

            @Override
            public void close() {
                log.close();
            }
        };
    }
}
