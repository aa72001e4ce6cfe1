package org.posthorn.delivery;

import org.posthorn.api.smtp.Reply;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Future;

/// A place where sessions go, and all that is known of it: who is there, who waits, which sessions
/// are kept, and whether anybody answers.
///
/// Whoever wants to go there waits in one line, first come, first served, and gets the session of
/// whoever leaves, where it is good for its message. The line is as long as the site can serve
/// soon; the others are told when to come back. Nobody waits for a site that is dead or suspended.
///
/// Safe for use by many threads, and never blocks: answers are futures.
final class Site {
    /// How long an address comes last that did not answer.
    private static final Duration AVOIDED = Duration.ofMinutes(5);

    private static final int MOST_AVOIDED = 100;
    private static final Duration SUSPENDED = Duration.ofMinutes(1);
    /// How many times as long as it should take somebody waits at the most.
    private static final int MOST_PATIENCE = 6;

    private static final Duration SHORTEST_PACE = Duration.ofMillis(1);
    private static final Duration SHORTEST_WATCH = Duration.ofMillis(10);

    private final SiteName name;
    private final Sites.Surroundings surroundings;
    private final Concurrency concurrency;
    private final Health health;
    private final Tempo tempo;
    private final IdleSessions idle;
    private final Deque<Waiter> line = new ArrayDeque<>(1);
    private final Map<InetSocketAddress, Instant> avoided = new HashMap<>(0);
    private Optional<String> suspended = Optional.empty();
    private Instant lastVisit;
    private int visits;
    private boolean watched;
    private boolean paced;
    private boolean forgotten;
    private long sent;
    private long opened;

    Site(SiteName name, Sites.Surroundings surroundings, Concurrency concurrency) {
        this.name = name;
        this.surroundings = surroundings;
        this.concurrency = concurrency;
        this.health = new Health(surroundings.config());
        this.tempo = new Tempo(surroundings.config(), surroundings.random());
        this.idle = new IdleSessions(surroundings.config(), surroundings.idle());
        this.lastVisit = surroundings.clock().instant();
    }

    SiteName name() {
        return name;
    }

    /// Lets somebody in, or into the line, or says when to come back.
    ///
    /// @return nothing where this site was forgotten meanwhile: there may be another by its name
    synchronized Optional<Waiter> enter(Errand errand) {
        if (forgotten) {
            return Optional.empty();
        }
        Instant now = surroundings.clock().instant();
        Waiter waiter = new Waiter(errand, now);
        Optional<Entry.Later> closed = closed(now);
        if (closed.isPresent()) {
            waiter.entry().complete(closed.get());
        } else if (health.dead().isPresent() || line.isEmpty() && hasRoom(now)) {
            open(waiter, now);
        } else if (surroundings.draining()) {
            waiter.entry().cancel(false);
        } else if (line.size() < tempo.room(allowed(now), now)) {
            line.add(waiter);
            watch(now);
            proceedLater(now);
        } else {
            waiter.entry().complete(crowded(now));
        }
        return Optional.of(waiter);
    }

    private int allowed(Instant now) {
        return Math.max(1, concurrency.allowed(now));
    }

    private boolean hasRoom(Instant now) {
        return visits < allowed(now) && concurrency.ask(now).isEmpty();
    }

    /// Says why nobody is let in, if that is so; whoever is let in to a dead site is its probe.
    private Optional<Entry.Later> closed(Instant now) {
        if (suspended.isPresent()) {
            Reply reply =
                    Reply.of(
                            450,
                            "4.3.2",
                            "Not tried: " + name + " is suspended: " + suspended.get());
            return Optional.of(new Entry.Later(reply, now.plus(SUSPENDED), true));
        }
        Optional<Reply> dead = health.dead();
        if (dead.isEmpty() || visits == 0 && health.probe(now)) {
            return Optional.empty();
        }
        return Optional.of(down(dead.get()));
    }

    private Entry.Later down(Reply last) {
        Reply reply =
                new Reply(
                        last.code(),
                        last.status(),
                        List.of("Not tried, since " + name + " did not answer: " + last.text()));
        return new Entry.Later(reply, health.nextProbe(), true);
    }

    private Entry.Later crowded(Instant now) {
        int allowed = allowed(now);
        String why = notYet(now) + ", and " + line.size();
        return new Entry.Later(
                Reply.of(450, "4.4.5", "Waits: " + why + " messages wait for one"),
                tempo.appointment(line.size(), allowed, now),
                false);
    }

    private String notYet(Instant now) {
        int allowed = allowed(now);
        Optional<NotYet> not = visits < allowed ? concurrency.ask(now) : Optional.empty();
        return not.map(it -> name + ": " + it.reason())
                .orElse("all " + allowed + " sessions with " + name + " are in use");
    }

    private void open(Waiter waiter, Instant now) {
        if (visits == 0) {
            tempo.begun(now);
        }
        visits++;
        Optional<OpenSession> kept = idle.take(waiter.errand().shipment(), now);
        int among = concurrency.started(now);
        waiter.entry()
                .complete(new Entry.Open(new Visit(this, now, health.isProbing(), kept, among)));
        trim(now);
    }

    /// Idle sessions count as well for the server at the other end.
    private void trim(Instant now) {
        while (idle.size() > 0 && visits + idle.size() > allowed(now)) {
            idle.leaveOldest();
        }
    }

    /// Takes somebody out of the line who waits no more.
    synchronized void withdraw(Waiter waiter) {
        if (!line.remove(waiter)
                && waiter.entry().state() == Future.State.SUCCESS
                && waiter.entry().resultNow() instanceof Entry.Open(Visit visit)) {
            visit.kept().ifPresent(visit::leave);
            leave(visit);
        }
    }

    /// Ends a visit. Who is next gets its session.
    synchronized void leave(Visit visit) {
        Instant now = surroundings.clock().instant();
        visits--;
        lastVisit = now;
        tempo.ended(Duration.between(visit.began(), now), now);
        settle(visit, now);
        visit.left().ifPresent(it -> keep(it, now));
        admit(now);
        trim(now);
        watch(now);
        proceedLater(now);
    }

    private void settle(Visit visit, Instant now) {
        Duration took = Duration.between(visit.began(), now);
        int before = allowed(now);
        Optional<Concurrency.Failure> failure = visit.failure();
        if (failure.isPresent()) {
            concurrency.failed(failure.get(), visit.among(), took, now);
        } else if (visit.isSent()) {
            concurrency.succeeded(took, now);
        } else {
            concurrency.ended(took, now);
        }
        if (failure.equals(Optional.of(Concurrency.Failure.UNREACHED))) {
            unreached(visit.silence().orElseThrow(), visit.isProbe(), before, now);
        } else if (failure.equals(Optional.of(Concurrency.Failure.BUSY))) {
            health.answered();
        } else if (visit.isProbe()) {
            health.probed(visit.isAnswered());
        }
    }

    private void unreached(Reply silence, boolean probe, int sessions, Instant now) {
        if (health.silent(silence, probe, sessions, now)) {
            concurrency.dead();
            dismiss(down(silence));
        }
    }

    private void keep(OpenSession session, Instant now) {
        if (surroundings.draining() || !session.hasRoom(surroundings.config(), now)) {
            session.session().quit();
        } else if (!hand(session, now)) {
            idle.keep(session, now);
        }
    }

    /// Gives a session to the first in the line, if it is good for its message.
    private boolean hand(OpenSession session, Instant now) {
        Waiter next = line.peek();
        if (next == null
                || !mayEnter(now)
                || !Sessions.suits(session, next.errand().shipment(), now)) {
            return false;
        }
        line.remove();
        visits++;
        if (session.messages() == 1) {
            session.session().doubt();
        }
        int among = concurrency.started(now);
        Visit visit = new Visit(this, now, false, Optional.of(session), among);
        next.entry().complete(new Entry.Open(visit));
        return true;
    }

    private boolean mayEnter(Instant now) {
        return suspended.isEmpty() && health.dead().isEmpty() && hasRoom(now);
    }

    private void admit(Instant now) {
        while (!line.isEmpty() && mayEnter(now)) {
            open(line.remove(), now);
        }
    }

    private void dismiss(Entry.Later why) {
        for (Waiter waiter : line) {
            waiter.entry().complete(why);
        }
        line.clear();
    }

    /// Has somebody look when a session or a waiter has been here for long enough.
    private void watch(Instant now) {
        if (watched || line.isEmpty() && idle.size() == 0) {
            return;
        }
        Instant next = line.isEmpty() ? idle.expiry() : now.plus(surroundings.config().patience());
        watched = true;
        Duration wait = Duration.between(now, next);
        surroundings
                .alarm()
                .after(wait.compareTo(SHORTEST_WATCH) < 0 ? SHORTEST_WATCH : wait, this::look);
    }

    /// Has somebody look when the site takes more, where not sessions are what it lacks.
    private void proceedLater(Instant now) {
        if (paced || line.isEmpty() || visits >= allowed(now)) {
            return;
        }
        Optional<NotYet> not = concurrency.ask(now);
        if (not.isPresent()) {
            paced = true;
            Duration wait = Duration.between(now, not.get().earliest());
            surroundings
                    .alarm()
                    .after(wait.compareTo(SHORTEST_PACE) < 0 ? SHORTEST_PACE : wait, this::proceed);
        }
    }

    private synchronized void proceed() {
        Instant now = surroundings.clock().instant();
        paced = false;
        admit(now);
        watch(now);
        proceedLater(now);
    }

    private synchronized void look() {
        Instant now = surroundings.clock().instant();
        watched = false;
        idle.expire(now);
        admit(now);
        shorten(now);
        watch(now);
        proceedLater(now);
    }

    /// Sends away who came too late to be served soon, where the site has become slower, and who
    /// has waited for too long all the same.
    private void shorten(Instant now) {
        int room = tempo.room(allowed(now), now);
        while (line.size() > room) {
            line.removeLast().entry().complete(crowded(now));
        }
        Instant before = now.minus(surroundings.config().patience().multipliedBy(MOST_PATIENCE));
        while (!line.isEmpty() && !line.element().since().isAfter(before)) {
            line.remove().entry().complete(crowded(now));
        }
    }

    // What visitors tell.

    synchronized List<Target> order(List<Target> targets) {
        if (avoided.isEmpty()) {
            return targets;
        }
        Instant now = surroundings.clock().instant();
        avoided.values().removeIf(until -> !until.isAfter(now));
        List<Target> ordered = new ArrayList<>();
        targets.stream().filter(it -> !avoided.containsKey(it.address())).forEach(ordered::add);
        targets.stream().filter(it -> avoided.containsKey(it.address())).forEach(ordered::add);
        return ordered;
    }

    synchronized void avoid(Target target) {
        if (avoided.size() < MOST_AVOIDED) {
            avoided.put(target.address(), surroundings.clock().instant().plus(AVOIDED));
        }
    }

    synchronized void opened(Target target) {
        opened++;
        avoided.remove(target.address());
        health.answered();
    }

    synchronized void sent() {
        sent++;
    }

    // For operators.

    synchronized void suspend(String reason) {
        suspended = Optional.of(reason);
        closed(surroundings.clock().instant()).ifPresent(this::dismiss);
        idle.leaveAll();
    }

    synchronized boolean resume() {
        boolean was = suspended.isPresent() || health.dead().isPresent();
        suspended = Optional.empty();
        health.answered();
        return was;
    }

    synchronized int leaveIdle() {
        return idle.leaveAll();
    }

    /// Says why somebody still waits, and for how long that may go on.
    synchronized NotYet delay(Waiter waiter) {
        Instant now = surroundings.clock().instant();
        int before = 0;
        for (Waiter it : line) {
            if (it == waiter) {
                break;
            }
            before++;
        }
        int allowed = allowed(now);
        Optional<NotYet> not = visits < allowed ? concurrency.ask(now) : Optional.empty();
        String why =
                not.map(it -> name + ": " + it.reason())
                        .orElse(
                                "waits for one of "
                                        + allowed
                                        + " sessions with "
                                        + name
                                        + ", all in use");
        return new NotYet(
                why + "; " + before + " messages wait before it",
                now.plus(tempo.wait(before, allowed, now)));
    }

    synchronized SiteState state() {
        Instant now = surroundings.clock().instant();
        Optional<Reply> dead = health.dead();
        SiteState.Kind kind =
                suspended.isPresent()
                        ? SiteState.Kind.SUSPENDED
                        : dead.isEmpty()
                                ? SiteState.Kind.OPEN
                                : health.isProbing() ? SiteState.Kind.PROBED : SiteState.Kind.DEAD;
        String reason =
                suspended
                        .or(() -> dead.map(Reply::toString))
                        .orElseGet(() -> hasRoom(now) ? "" : notYet(now));
        Optional<Instant> next =
                kind == SiteState.Kind.DEAD ? Optional.of(health.nextProbe()) : Optional.empty();
        return new SiteState(
                name.text(),
                kind,
                reason,
                next,
                allowed(now),
                visits,
                idle.size(),
                line.size(),
                opened,
                sent);
    }

    // For those who keep sites.

    /// Forgets the site if nothing goes on there, and nothing has for some time.
    ///
    /// @return whether that is so: then nobody gets in any more
    synchronized boolean forget(Instant before) {
        forgotten =
                forgotten
                        || visits == 0
                                && line.isEmpty()
                                && idle.size() == 0
                                && suspended.isEmpty()
                                && !lastVisit.isAfter(before);
        return forgotten;
    }

    /// The server stops: nobody waits, and sessions that nobody uses are left.
    synchronized void drain() {
        line.forEach(it -> it.entry().cancel(false));
        line.clear();
        idle.leaveAll();
    }
}
