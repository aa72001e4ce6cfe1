package org.posthorn.delivery;

import org.posthorn.api.delivery.Outcome;
import org.posthorn.api.smtp.EnhancedStatus;
import org.posthorn.api.smtp.Reply;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// The limits that operators set, and what they want done about replies. All that are for a message
/// hold for it: something happens when all of them allow it, and then counts for all of them.
///
/// Safe for use by many threads. Memory is bounded: what is as good as new is forgotten.
final class Shaping {
    private static final int MOST_METERS = 100_000;

    /// So long a message may wait in its turn, with a session.
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final List<Shape> shapes;
    private final InstantSource clock;
    private final Map<String, Meter> meters = new LinkedHashMap<>();

    private Shaping(List<Shape> shapes, InstantSource clock) {
        this.shapes = shapes;
        this.clock = clock;
    }

    static Shaping of(
            Map<String, ShapingConfig> providers, List<ShapingConfig> others, InstantSource clock) {
        Stream<Shape> named =
                providers.entrySet().stream()
                        .map(it -> Shape.of("provider " + it.getKey(), it.getValue()));
        Stream<Shape> numbered =
                IntStream.range(0, others.size())
                        .mapToObj(i -> Shape.of("shaping " + (i + 1), others.get(i)));
        return new Shaping(Stream.concat(named, numbered).toList(), clock);
    }

    /// What a reply makes of a message.
    ///
    /// @param bounce whether it is given up
    /// @param after when it is tried again, where a rule says so
    record Reaction(boolean bounce, Optional<Duration> after) {
        static final Reaction NONE = new Reaction(false, Optional.empty());
    }

    /// Returns how much is remembered.
    int meters() {
        synchronized (meters) {
            return meters.size();
        }
    }

    private List<Shape> of(Traffic traffic) {
        return shapes.isEmpty()
                ? shapes
                : shapes.stream().filter(shape -> shape.isFor(traffic)).toList();
    }

    /// Returns how many messages one connection may have.
    int messagesPerConnection(Traffic traffic, int otherwise) {
        return least(traffic, Shape::messagesPerConnection, otherwise);
    }

    /// Returns how many recipients one transaction may have.
    int recipients(Traffic traffic, int otherwise) {
        return least(traffic, Shape::recipients, otherwise);
    }

    private int least(Traffic traffic, Function<Shape, Optional<Integer>> setting, int otherwise) {
        return of(traffic).stream()
                .flatMap(shape -> setting.apply(shape).stream())
                .reduce(otherwise, Math::min);
    }

    /// Opens a connection, if that is allowed: then [#closed] must follow some time.
    ///
    /// @return why it is not
    Optional<NotYet> open(Traffic traffic) {
        return take(
                traffic,
                (meter, shape) -> meter.connection(shape, clock.instant()),
                (meter, shape) -> meter.opened(shape, clock.instant()));
    }

    /// Tells why no connection can be opened now, and when that should be tried. Nothing is taken
    /// by asking.
    Optional<NotYet> askConnection(Traffic traffic) {
        Instant now = clock.instant();
        return appointment(traffic, (meter, shape) -> meter.connection(shape, now));
    }

    /// Tells why no message can be sent soon, and when it should be tried: one after the other, so
    /// that not all come at once. Nothing else is taken by asking.
    Optional<NotYet> ask(Traffic traffic) {
        Instant now = clock.instant();
        Instant soon = now.plus(PATIENCE);
        return appointment(
                traffic,
                (meter, shape) ->
                        meter.message(shape, now).filter(it -> it.earliest().isAfter(soon)));
    }

    /// Books with those who refuse, and with nobody else: what waits for one limit must not delay
    /// others that share another one with it.
    private Optional<NotYet> appointment(
            Traffic traffic, BiFunction<Meter, Shape, Optional<NotYet>> ask) {
        synchronized (meters) {
            return of(traffic).stream()
                    .flatMap(shape -> booked(meter(shape, traffic), shape, ask).stream())
                    .max(Comparator.comparing(NotYet::earliest));
        }
    }

    private static Optional<NotYet> booked(
            Meter meter, Shape shape, BiFunction<Meter, Shape, Optional<NotYet>> ask) {
        return ask.apply(meter, shape)
                .map(not -> new NotYet(not.reason(), meter.appointment(shape, not.earliest())));
    }

    /// Returns how many sessions a site can use, whatever it is sent.
    int sessions(String site, int otherwise) {
        List<String> hosts = List.of(site.split(",", -1));
        return shapes.stream()
                .filter(shape -> shape.isForAllOf(hosts))
                .flatMap(shape -> shape.connections().stream())
                .reduce(otherwise, Math::min);
    }

    /// Returns what a recipient's outcome is that waits for a limit.
    static Reply waits(NotYet not) {
        return Reply.of(450, "4.4.5", "Waits: " + not.reason());
    }

    /// A connection is closed.
    void closed(Traffic traffic) {
        List<Shape> all = of(traffic);
        synchronized (meters) {
            all.forEach(shape -> meter(shape, traffic).closed());
        }
    }

    /// Sends a message, if that is allowed.
    ///
    /// @return why it is not
    Optional<NotYet> send(Traffic traffic) {
        return take(
                traffic,
                (meter, shape) -> meter.message(shape, clock.instant()),
                (meter, shape) -> meter.sent(shape, clock.instant()));
    }

    private Optional<NotYet> take(
            Traffic traffic,
            BiFunction<Meter, Shape, Optional<NotYet>> ask,
            BiConsumer<Meter, Shape> count) {
        List<Shape> all = of(traffic);
        if (all.isEmpty()) {
            return Optional.empty();
        }
        synchronized (meters) {
            List<NotYet> not = new ArrayList<>();
            all.forEach(shape -> ask.apply(meter(shape, traffic), shape).ifPresent(not::add));
            if (not.isEmpty()) {
                all.forEach(shape -> count.accept(meter(shape, traffic), shape));
            }
            return not.stream().max(Comparator.comparing(NotYet::earliest));
        }
    }

    private Meter meter(Shape shape, Traffic traffic) {
        String key = shape.key(traffic);
        Meter known = meters.get(key);
        if (known != null) {
            return known;
        }
        if (meters.size() >= MOST_METERS) {
            makeRoom();
        }
        Meter fresh = new Meter();
        meters.put(key, fresh);
        return fresh;
    }

    /// Forgets what is as good as new; where all are in use, a tenth of them, the oldest ones.
    private void makeRoom() {
        Instant now = clock.instant();
        meters.values().removeIf(meter -> meter.isIdle(now));
        List<String> oldest = meters.keySet().stream().limit(MOST_METERS / 10).toList();
        if (meters.size() >= MOST_METERS) {
            oldest.forEach(meters::remove);
        }
    }

    /// Does what the rules say about a result that is none of success.
    Reaction react(Traffic traffic, Result result) {
        if (result.outcome() instanceof Outcome.Delivered) {
            return Reaction.NONE;
        }
        Reaction all = Reaction.NONE;
        for (Shape shape : of(traffic)) {
            Optional<ReplyRule> rule =
                    shape.replies().stream().filter(it -> it.fits(result)).findFirst();
            if (rule.isPresent()) {
                all = both(all, react(shape, traffic, rule.get(), result));
            }
        }
        return all;
    }

    private static Reaction both(Reaction one, Reaction other) {
        return new Reaction(
                one.bounce() || other.bounce(),
                one.after().isPresent() ? one.after() : other.after());
    }

    private Reaction react(Shape shape, Traffic traffic, ReplyRule rule, Result result) {
        Instant until = clock.instant().plus(rule.lasts());
        return switch (rule.then()) {
            case BOUNCE -> new Reaction(true, Optional.empty());
            case RETRY -> new Reaction(false, Optional.of(rule.lasts()));
            case SUSPEND -> {
                String reason = shape.name() + ": suspended by " + result.outcome().reply();
                synchronized (meters) {
                    meter(shape, traffic).suspend(reason, until);
                }
                yield Reaction.NONE;
            }
            case SLOW_DOWN -> {
                synchronized (meters) {
                    meter(shape, traffic)
                            .slowDown(
                                    new Meter.Slower(
                                            rule.connections(), rule.messageRate(), until));
                }
                yield Reaction.NONE;
            }
        };
    }

    /// Returns what a rule makes of a reply that it has mail bounce for.
    static Reply bounced(Reply reply) {
        String status =
                reply.status()
                        .map(it -> new EnhancedStatus(5, it.subject(), it.detail()))
                        .map(EnhancedStatus::toString)
                        .orElse("5.0.0");
        return reply.isPermanent()
                ? reply
                : Reply.of(554, status, "Given up by a rule; at last: " + reply);
    }
}
