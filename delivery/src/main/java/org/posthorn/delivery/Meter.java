package org.posthorn.delivery;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/// What is counted for one limit and one of those that it counts each by itself: open connections,
/// when the next may be opened, when the next message may be sent; and what a server has said that
/// concerns them. For one thread.
final class Meter {
    private final Spacing connections = new Spacing();
    private final Spacing messages = new Spacing();
    private Instant booked = Instant.MIN;
    private int open;
    private Optional<NotYet> suspended = Optional.empty();
    private Optional<Slower> slower = Optional.empty();

    /// Less than usual for some time.
    ///
    /// @param connections how many may be open
    /// @param messages how many may be sent
    /// @param until when it is over
    record Slower(Optional<Integer> connections, Optional<Rate> messages, Instant until) {}

    /// Tells why no connection may be opened now.
    Optional<NotYet> connection(Shape shape, Instant now) {
        int most = least(shape.connections(), slower(now).flatMap(Slower::connections));
        if (open >= most) {
            String reason = "%s: %d connections are open".formatted(shape.name(), open);
            return Optional.of(new NotYet(reason, now.plusSeconds(1)));
        }
        return suspended(now)
                .or(
                        () ->
                                shape.connectionRate()
                                        .flatMap(rate -> spaced(shape, connections, rate, now)));
    }

    /// Tells why no message may be sent now.
    Optional<NotYet> message(Shape shape, Instant now) {
        return suspended(now)
                .or(() -> rate(shape, now).flatMap(rate -> spaced(shape, messages, rate, now)))
                .or(() -> closed(shape, now));
    }

    private static int least(Optional<Integer> one, Optional<Integer> other) {
        return Math.min(one.orElse(Integer.MAX_VALUE), other.orElse(Integer.MAX_VALUE));
    }

    private Optional<Rate> rate(Shape shape, Instant now) {
        return slower(now).flatMap(Slower::messages).or(shape::messageRate);
    }

    private static Optional<NotYet> spaced(Shape shape, Spacing spacing, Rate rate, Instant now) {
        Instant earliest = spacing.earliest(now);
        return earliest.isAfter(now)
                ? Optional.of(new NotYet(shape.name() + ": " + rate, earliest))
                : Optional.empty();
    }

    private static Optional<NotYet> closed(Shape shape, Instant now) {
        return DeliveryWindow.opening(shape.windows(), () -> now)
                .map(opens -> new NotYet(shape.name() + ": its delivery window is closed", opens));
    }

    private Optional<NotYet> suspended(Instant now) {
        return suspended.filter(it -> now.isBefore(it.earliest()));
    }

    private Optional<Slower> slower(Instant now) {
        return slower.filter(it -> now.isBefore(it.until()));
    }

    /// Returns when somebody should come back who cannot wait: each after the other, somewhat more
    /// of them than can be sent, so that there is always somebody.
    Instant appointment(Shape shape, Instant earliest) {
        Duration apart =
                shape.messageRate()
                        .map(rate -> rate.spacing().multipliedBy(4).dividedBy(5))
                        .orElse(Duration.ofMillis(10));
        booked = booked.isBefore(earliest) ? earliest : booked.plus(apart);
        return booked;
    }

    void opened(Shape shape, Instant now) {
        open++;
        shape.connectionRate().ifPresent(rate -> connections.take(rate, now));
    }

    void closed() {
        open = Math.max(0, open - 1);
    }

    void sent(Shape shape, Instant now) {
        rate(shape, now).ifPresent(rate -> messages.take(rate, now));
    }

    void suspend(String reason, Instant until) {
        suspended = Optional.of(new NotYet(reason, until));
    }

    void slowDown(Slower less) {
        slower = Optional.of(less);
    }

    /// Tells whether it is as good as new, and can be forgotten.
    boolean isIdle(Instant now) {
        return open == 0
                && connections.isIdle(now)
                && messages.isIdle(now)
                && suspended(now).isEmpty()
                && slower(now).isEmpty();
    }
}
