package org.posthorn.delivery;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/// When tests try again.
final class Schedules {
    /// After 5 minutes, then later and later, up to 4 hours; a word after 4 hours, an end after 5
    /// days.
    static final RetrySchedule USUAL =
            RetrySchedule.of(
                    new Pace(Duration.ofMinutes(5), Duration.ofHours(4), 2),
                    Duration.ofHours(4),
                    Duration.ofDays(5));

    private Schedules() {}

    /// A route table whose mail is tried at these times.
    static Routes routes(RouteConfig... table) {
        return Routes.of(List.of(table), Path.of("/nowhere"), USUAL);
    }
}
