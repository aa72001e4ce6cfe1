package org.posthorn.delivery;

import org.jspecify.annotations.Nullable;

import java.time.DateTimeException;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.zone.ZoneOffsetTransition;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/// When mail may be delivered: on some days, between two times, as a clock at some place shows
/// them. So where clocks change, an hour that is left out is in no window, and one that comes twice
/// is twice in the same. Immutable.
///
/// @param days the days on which it begins
/// @param from the minute of the day at which it begins
/// @param to the minute of the day before which it ends; where that is not later, it ends on the
///     next day
/// @param zone where the clock is
record DeliveryWindow(Set<DayOfWeek> days, int from, int to, ZoneId zone) {
    private static final Pattern FORM =
            Pattern.compile("(?:(\\S*[A-Za-z]\\S*) +)?(\\d\\d):(\\d\\d)-(\\d\\d):(\\d\\d) +(\\S+)");
    private static final int HOUR = 60;
    private static final int DAY = 24 * HOUR;

    /// So far ahead, even a window opens that a change of the clock leaves out once.
    private static final Duration AHEAD = Duration.ofDays(15);

    /// Near it, few places change their clocks.
    private static final LocalDate SOME_DAY = LocalDate.of(2026, 1, 5);

    /// Copies the days.
    DeliveryWindow {
        days = Set.copyOf(days);
    }

    /// Reads `Mon-Fri 08:00-18:00 Europe/Berlin`, `Sat,Sun 22:00-06:00 UTC` or, for every day,
    /// `00:00-24:00 Asia/Tokyo`.
    ///
    /// @throws IllegalArgumentException when it is none of these
    static DeliveryWindow parse(String text) {
        Matcher parts = FORM.matcher(text.strip());
        if (!parts.matches()) {
            throw bad(text, "expected days, times and a zone");
        }
        int from = minute(text, parts.group(2), parts.group(3));
        int to = minute(text, parts.group(4), parts.group(5));
        if (from == to || from == DAY) {
            throw bad(text, "it never opens");
        }
        String days = parts.group(1);
        return new DeliveryWindow(
                days == null ? EnumSet.allOf(DayOfWeek.class) : days(text, days),
                from,
                to,
                zone(text, parts.group(6)));
    }

    private static int minute(String text, String hours, String minutes) {
        int minute = Integer.parseInt(hours) * HOUR + Integer.parseInt(minutes);
        if (minute > DAY || Integer.parseInt(minutes) >= HOUR) {
            throw bad(text, hours + ":" + minutes + " is no time of a day");
        }
        return minute;
    }

    private static Set<DayOfWeek> days(String text, String names) {
        Set<DayOfWeek> days = EnumSet.noneOf(DayOfWeek.class);
        for (String part : names.split(",", -1)) {
            String[] ends = part.split("-", 2);
            DayOfWeek last = day(text, ends[ends.length - 1]);
            DayOfWeek day = day(text, ends[0]);
            days.add(day);
            while (day != last) {
                day = day.plus(1);
                days.add(day);
            }
        }
        return days;
    }

    private static DayOfWeek day(String text, String name) {
        return Stream.of(DayOfWeek.values())
                .filter(day -> day.name().substring(0, 3).equals(name.toUpperCase(Locale.ROOT)))
                .findFirst()
                .orElseThrow(
                        () -> bad(text, "'" + name + "' is none of Mon, Tue, Wed, Thu, Fri, …"));
    }

    private static ZoneId zone(String text, String name) {
        try {
            return ZoneId.of(name);
        } catch (DateTimeException e) {
            throw bad(text, "there is no time zone '" + name + "'");
        }
    }

    private static IllegalArgumentException bad(String text, String why) {
        return new IllegalArgumentException(
                "windows: '%s' is no window such as Mon-Fri 08:00-18:00 Europe/Berlin: %s"
                        .formatted(text, why));
    }

    /// Returns when the first of several windows opens; nothing where one is open, or there are
    /// none.
    static Optional<Instant> opening(List<DeliveryWindow> windows, InstantSource clock) {
        if (windows.isEmpty()) {
            return Optional.empty();
        }
        Instant now = clock.instant();
        return windows.stream()
                .map(window -> window.opening(now))
                .min(Instant::compareTo)
                .filter(now::isBefore);
    }

    /// Returns the longest time for which all of several windows are closed, where no clock is
    /// changed; nothing where they never are.
    static Duration longestClosed(List<DeliveryWindow> windows) {
        return windows.stream()
                .flatMap(DeliveryWindow::endings)
                .map(end -> opening(windows, () -> end).map(it -> Duration.between(end, it)))
                .flatMap(Optional::stream)
                .max(Duration::compareTo)
                .orElse(Duration.ZERO);
    }

    /// Returns when it ends, in some weeks.
    private Stream<Instant> endings() {
        return LongStream.rangeClosed(0, AHEAD.toDays())
                .mapToObj(days -> SOME_DAY.plusDays(days).atStartOfDay(zone))
                .map(day -> day.plusDays(to / DAY).withHour(to % DAY / HOUR).withMinute(to % HOUR))
                .map(ZonedDateTime::toInstant);
    }

    /// Tells whether it is open.
    boolean isOpen(Instant now) {
        ZonedDateTime there = now.atZone(zone);
        int minute = there.getHour() * HOUR + there.getMinute();
        DayOfWeek today = there.getDayOfWeek();
        if (from < to) {
            return days.contains(today) && minute >= from && minute < to;
        }
        return days.contains(today) && minute >= from
                || days.contains(today.minus(1)) && minute < to;
    }

    /// Returns the first moment from now on at which it is open.
    Instant opening(Instant now) {
        return Stream.of(Stream.of(now), beginnings(now), changes(now))
                .flatMap(moments -> moments)
                .filter(moment -> !moment.isBefore(now) && isOpen(moment))
                .min(Instant::compareTo)
                .orElse(now.plus(AHEAD));
    }

    private Stream<Instant> beginnings(Instant now) {
        LocalDate today = LocalDate.ofInstant(now, zone);
        LocalTime time = LocalTime.of(from / HOUR, from % HOUR);
        return LongStream.rangeClosed(0, AHEAD.toDays())
                .mapToObj(days -> today.plusDays(days).atTime(time).atZone(zone))
                .flatMap(
                        it ->
                                Stream.of(
                                        it.withEarlierOffsetAtOverlap(),
                                        it.withLaterOffsetAtOverlap()))
                .map(ZonedDateTime::toInstant);
    }

    /// Returns when the clock is changed: it may leave out the time at which the window begins.
    private Stream<Instant> changes(Instant now) {
        Stream.Builder<Instant> changes = Stream.builder();
        @Nullable ZoneOffsetTransition change = zone.getRules().nextTransition(now);
        while (change != null && change.getInstant().isBefore(now.plus(AHEAD))) {
            changes.add(change.getInstant());
            change = zone.getRules().nextTransition(change.getInstant());
        }
        return changes.build();
    }
}
