package org.posthorn.delivery;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.random.RandomGenerator;

/// The sites that mail goes to: those in use, and those that were of late. Safe for use by many
/// threads.
public final class Sites {
    /// How long a site is remembered that nothing goes to.
    private static final Duration REMEMBERED = Duration.ofMinutes(30);

    private static final int FEW = 1_000;
    private static final int MANY = 100_000;

    private final Map<SiteName, Site> sites = new ConcurrentHashMap<>();
    private final Map<String, Waiting> waiting = new ConcurrentHashMap<>();
    private final AtomicInteger sweep = new AtomicInteger(FEW);
    private final Surroundings surroundings;
    private final Function<SiteName, Concurrency> concurrency;
    private volatile boolean draining;

    private record Waiting(Site site, Waiter waiter) {}

    /// What sites work with.
    ///
    /// @param idle how many idle sessions there are of all sites
    /// @param stop tells whether the server stops
    record Surroundings(
            SessionsConfig config,
            InstantSource clock,
            RandomGenerator random,
            Alarm alarm,
            AtomicInteger idle,
            BooleanSupplier stop) {
        boolean draining() {
            return stop.getAsBoolean();
        }
    }

    Sites(
            SessionsConfig config,
            InstantSource clock,
            RandomGenerator random,
            Alarm alarm,
            Function<SiteName, Concurrency> concurrency) {
        this.surroundings =
                new Surroundings(config, clock, random, alarm, new AtomicInteger(), () -> draining);
        this.concurrency = concurrency;
    }

    /// Goes to a site, after waiting in its line if need be.
    ///
    /// @throws InterruptedException when the thread is interrupted while it waits, or the server
    ///     stops
    Entry enter(SiteName name, Errand errand) throws InterruptedException {
        while (true) {
            Site site = site(name);
            Optional<Waiter> waiter = site.enter(errand);
            if (waiter.isPresent()) {
                return entry(site, waiter.get());
            }
            sites.remove(name, site);
        }
    }

    private Site site(SiteName name) {
        Site known = sites.get(name);
        if (known != null) {
            return known;
        }
        if (sites.size() >= sweep.get()) {
            sweep();
        }
        return sites.computeIfAbsent(name, it -> new Site(it, surroundings, concurrency.apply(it)));
    }

    /// Forgets sites that are not in use: only when there are twice as many as the last time, so
    /// that it costs little, however many there are.
    private synchronized void sweep() {
        if (sites.size() < sweep.get()) {
            return;
        }
        Instant now = surroundings.clock().instant();
        Instant before = sites.size() < MANY ? now.minus(REMEMBERED) : now;
        sites.values().removeIf(site -> site.forget(before));
        sweep.set(Math.max(FEW, 2 * sites.size()));
    }

    private Entry entry(Site site, Waiter waiter) throws InterruptedException {
        CompletableFuture<Entry> entry = waiter.entry();
        if (entry.isDone()) {
            return entry.join();
        }
        String job = waiter.errand().job();
        waiting.put(job, new Waiting(site, waiter));
        try {
            return entry.get();
        } catch (InterruptedException e) {
            site.withdraw(waiter);
            throw e;
        } catch (CancellationException e) {
            throw new InterruptedException("the server stops");
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        } finally {
            waiting.remove(job);
        }
    }

    /// Says why a job waits for a session, if it does.
    Optional<NotYet> delay(String job) {
        return Optional.ofNullable(waiting.get(job)).map(it -> it.site().delay(it.waiter()));
    }

    /// Lets nobody wait from now on, and leaves all sessions that are not in use.
    void drain() {
        draining = true;
        sites.values().forEach(Site::drain);
    }

    /// Returns how many sites are known.
    public int count() {
        return sites.size();
    }

    /// Returns how many sessions are open that no message needs just now, with all sites together.
    public int idle() {
        return surroundings.idle().get();
    }

    /// Lists sites, those with the most going on first.
    ///
    /// @param text what their names contain; all where it is empty
    /// @param limit how many at the most
    public List<SiteState> list(String text, int limit) {
        String wanted = text.toLowerCase(Locale.ROOT);
        return sites.values().stream()
                .filter(it -> it.name().text().contains(wanted))
                .map(Site::state)
                .sorted(
                        Comparator.comparingInt((SiteState it) -> -(it.used() + it.waiting()))
                                .thenComparing(SiteState::name))
                .limit(limit)
                .toList();
    }

    /// Has nobody go to a site until that is resumed, or the server starts anew. Messages that are
    /// being sent are not broken off.
    ///
    /// @param reason what the messages that wait are told
    /// @return whether there is such a site
    public boolean suspend(String name, String reason) {
        Site site = sites.get(new SiteName(name));
        if (site != null) {
            site.suspend(reason);
        }
        return site != null;
    }

    /// Lets mail go to a site again that was suspended, or counts as dead.
    ///
    /// @return whether it was one of these; nothing where there is no such site
    public Optional<Boolean> resume(String name) {
        return Optional.ofNullable(sites.get(new SiteName(name))).map(Site::resume);
    }

    /// Ends the sessions with a site that no message needs just now.
    ///
    /// @return how many these were; nothing where there is no such site
    public Optional<Integer> leaveIdle(String name) {
        return Optional.ofNullable(sites.get(new SiteName(name))).map(Site::leaveIdle);
    }
}
