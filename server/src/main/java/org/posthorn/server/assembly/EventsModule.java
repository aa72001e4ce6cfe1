package org.posthorn.server.assembly;

import com.google.inject.Exposed;
import com.google.inject.PrivateModule;
import com.google.inject.Provides;
import com.google.inject.Singleton;

import org.posthorn.api.event.MailObserver;
import org.posthorn.server.log.LogConfig;
import org.posthorn.server.log.MailLog;
import org.posthorn.server.management.Counters;

import java.io.IOException;

/// Wires what is told about mail.
///
/// Needs: `PosthornConfig`, `Teardown`. Offers: `MailObserver`, `Counters`.
final class EventsModule extends PrivateModule {
    @Override
    protected void configure() {}

    @Provides
    @Exposed
    @Singleton
    Counters counters() {
        return new Counters();
    }

    @Provides
    @Exposed
    @Singleton
    MailObserver observer(PosthornConfig config, Counters counters, Teardown teardown)
            throws IOException {
        LogConfig log = config.log();
        return switch (log.mail()) {
            case FILE -> counters.and(teardown.closing(MailLog.toFile(log.mailFile())));
            case STDOUT -> counters.and(teardown.closing(MailLog.toStandardOutput()));
            case NONE -> counters;
        };
    }
}
