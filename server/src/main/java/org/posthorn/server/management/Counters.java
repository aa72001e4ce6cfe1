package org.posthorn.server.management;

import org.posthorn.api.delivery.Outcome;
import org.posthorn.api.event.MailEvent;
import org.posthorn.api.event.MailObserver;
import org.posthorn.server.mxbean.ServerMXBean.Traffic;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/// Counts what happens to mail. Safe for use by many threads.
public final class Counters implements MailObserver {
    private final LongAdder accepted = new LongAdder();
    private final LongAdder refused = new LongAdder();
    private final LongAdder discarded = new LongAdder();
    private final LongAdder delivered = new LongAdder();
    private final LongAdder deferred = new LongAdder();
    private final LongAdder failed = new LongAdder();
    private final LongAdder bounced = new LongAdder();
    private final Map<String, LongAdder> pluginFailures = new ConcurrentHashMap<>();

    @Override
    public void tell(MailEvent event) {
        switch (event) {
            case MailEvent.Accepted _ -> accepted.increment();
            case MailEvent.Refused _ -> refused.increment();
            case MailEvent.Discarded _ -> discarded.increment();
            case MailEvent.Attempted attempt -> of(attempt.outcome()).increment();
            case MailEvent.Bounced _ -> bounced.increment();
            case MailEvent.PluginFailed failure ->
                    pluginFailures
                            .computeIfAbsent(failure.plugin(), _ -> new LongAdder())
                            .increment();
            case MailEvent.Authenticated _,
                    MailEvent.AuthenticationFailed _,
                    MailEvent.Connected _,
                    MailEvent.Secured _,
                    MailEvent.TalkedEarly _,
                    MailEvent.Disconnected _,
                    MailEvent.Finished _,
                    MailEvent.BounceDiscarded _,
                    MailEvent.Notified _,
                    MailEvent.Operated _,
                    MailEvent.StoreFailed _,
                    MailEvent.StoreResumed _ -> {}
        }
    }

    private LongAdder of(Outcome outcome) {
        return switch (outcome) {
            case Outcome.Delivered _ -> delivered;
            case Outcome.Deferred _ -> deferred;
            case Outcome.Failed _ -> failed;
        };
    }

    Traffic traffic() {
        return new Traffic(
                accepted.sum(),
                refused.sum(),
                discarded.sum(),
                delivered.sum(),
                deferred.sum(),
                failed.sum(),
                bounced.sum());
    }

    long failuresOf(String plugin) {
        LongAdder failures = pluginFailures.get(plugin);
        return failures == null ? 0 : failures.sum();
    }
}
