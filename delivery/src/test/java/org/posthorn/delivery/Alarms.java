package org.posthorn.delivery;

import org.posthorn.testkit.ManualClock;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.PriorityQueue;

/// An alarm that goes by a clock of the test.
final class Alarms implements Alarm {
    private record Task(Instant at, Runnable work) {}

    private final ManualClock clock;
    private final PriorityQueue<Task> tasks = new PriorityQueue<>(Comparator.comparing(Task::at));

    Alarms(ManualClock clock) {
        this.clock = clock;
    }

    @Override
    public synchronized void after(Duration time, Runnable task) {
        tasks.add(new Task(clock.instant().plus(time), task));
    }

    /// Lets time pass, and does what is to be done on the way.
    void advance(Duration time) {
        Instant end = clock.instant().plus(time);
        for (Task task = next(end); task != null; task = next(end)) {
            Duration until = Duration.between(clock.instant(), task.at());
            clock.advance(until.isNegative() ? Duration.ZERO : until);
            task.work().run();
        }
        clock.advance(Duration.between(clock.instant(), end));
    }

    private synchronized @org.jspecify.annotations.Nullable Task next(Instant end) {
        return tasks.isEmpty() || tasks.element().at().isAfter(end) ? null : tasks.remove();
    }
}
