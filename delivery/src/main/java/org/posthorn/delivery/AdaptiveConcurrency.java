package org.posthorn.delivery;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/// How much a site takes, learned from how it answers: how many sessions at once, how many messages
/// in a time. Safe for use by many threads.
///
/// It asks one question in two ways. A server that says "too many" is believed. Where answers get
/// slower or sessions fail without a word, half as many are tried: if that helps, they were too
/// many, and if not, load is not the cause and nothing was gained by fewer. The page
/// `docs/delivery-concurrency.md` has the algorithm, the reason for each constant, and how it does
/// beside Postfix's.
final class AdaptiveConcurrency implements Concurrency {
    private static final int FIRST_COHORT = 4;
    private static final int COHORT = 16;
    private static final int FEWEST = 2;
    private static final double QUICK = 1.2;
    private static final double SLOW = 1.6;
    private static final double VERY_SLOW = 3;
    private static final double HELPED = 1.4;
    private static final double SAME = 0.7;
    private static final Duration LOOK_AFTER = Duration.ofMinutes(5);
    private static final int LOOK_COHORTS = 50;
    private static final int TRY_COHORTS = 20;
    private static final double SELDOM = 0.05;
    private static final double COST = 50;

    /// What it is about.
    private sealed interface State {}

    /// As many as the window allows.
    private record Working() implements State {}

    /// Half as many, to see whether that helps.
    ///
    /// @param sessions how many there were before
    /// @param before how they did
    /// @param failing whether more of them failed than usually
    private record Looking(int sessions, Cohort before, boolean failing) implements State {}

    /// None, and after a time one.
    ///
    /// @param rest why and how long
    /// @param probed when the one began, if it has
    private record Resting(Rest rest, @Nullable Instant probed) implements State {}

    private final Window window;
    private final LearnedPace pace = new LearnedPace();
    private State state = new Working();
    private Cohort cohort;
    private int open;
    private double usual;
    private double usuallyFailing;
    private boolean growing;
    private Instant nextLook;
    private int triedAt;
    private Instant nextTry = Instant.MIN;

    /// Makes one for a site of which nothing is known.
    ///
    /// @param initial how many sessions it begins with
    /// @param most how many there may be
    AdaptiveConcurrency(int initial, int most, Instant now) {
        this.window = new Window(initial, most);
        this.cohort = new Cohort(now);
        this.nextLook = now.plus(LOOK_AFTER);
    }

    /// Tells whether a message may be sent now. Nothing is taken by asking.
    @Override
    public synchronized Optional<NotYet> ask(Instant now) {
        if (state instanceof Resting(Rest rest, Instant probed)) {
            return probed == null && !now.isBefore(rest.until())
                    ? Optional.empty()
                    : Optional.of(new NotYet(rest.reason(), later(rest.until(), now)));
        }
        if (open >= window.allowed()) {
            return Optional.of(
                    new NotYet(
                            "the site has as many sessions as it takes: " + window.allowed(),
                            now.plusNanos((long) (1e9 * Math.clamp(usual, 0.01, 60)))));
        }
        return pace.ask(now);
    }

    private static Instant later(Instant one, Instant now) {
        Instant soon = now.plusSeconds(1);
        return one.isBefore(soon) ? soon : one;
    }

    /// Returns how many messages may be under way at once.
    @Override
    public synchronized int allowed(Instant now) {
        if (state instanceof Resting(Rest rest, Instant probed)) {
            return open + (probed == null && !now.isBefore(rest.until()) ? 1 : 0);
        }
        return window.allowed();
    }

    /// A message is sent from now on. Each start ends in one of the others.
    @Override
    public synchronized int started(Instant now) {
        open++;
        pace.started(now);
        if (state instanceof Resting(Rest rest, Instant probed) && probed == null) {
            state = new Resting(rest, now);
        }
        return open;
    }

    /// What was started came to nothing that says anything of the site.
    @Override
    public synchronized void ended(Duration took, Instant now) {
        if (state instanceof Resting(Rest rest, _) && !isOlder(took, now, rest)) {
            state = new Resting(rest, null);
        }
        leave();
    }

    /// Where nobody is left, nobody is the one who tries.
    private void leave() {
        open--;
        if (open == 0 && state instanceof Resting(Rest rest, _)) {
            state = new Resting(rest, null);
        }
    }

    /// A server has answered, whatever it said of the message.
    ///
    /// @param took how long all that took
    @Override
    public synchronized void succeeded(Duration took, Instant now) {
        pace.succeeded(now);
        if (state instanceof Resting(Rest rest, _)) {
            if (isOlder(took, now, rest)) {
                leave();
                return;
            }
            wake(rest, now);
        }
        cohort.add(took, false, now);
        judge(now);
        if (growing && state instanceof Working) {
            window.succeeded(open, now.minus(took), now);
        }
        leave();
    }

    private void wake(Rest rest, Instant now) {
        switch (rest.kind()) {
            case UNREACHED, BROKEN, BUSY -> {}
            case THROTTLED -> pace.recovered(rest.until(), now);
        }
        state = new Working();
        cohort = new Cohort(now);
    }

    /// A session failed.
    ///
    /// @param took how long that took
    @Override
    public synchronized void failed(Failure kind, int among, Duration took, Instant now) {
        boolean before = state instanceof Resting(Rest rest, _) && isOlder(took, now, rest);
        if (before) {
            leave();
            return;
        }
        if (state instanceof Resting(Rest rest, _)) {
            state = new Resting(rest.again(kind, now), null);
        } else {
            switch (kind) {
                case UNREACHED, BROKEN -> broken(among, took, now);
                case BUSY -> busy(among, now);
                case THROTTLED -> rest(kind, now);
            }
        }
        leave();
    }

    @Override
    public synchronized void dead() {
        window.restart();
        state = new Working();
    }

    private static boolean isOlder(Duration took, Instant now, Rest rest) {
        return now.minus(took).isBefore(rest.began());
    }

    private void broken(int among, Duration took, Instant now) {
        cohort.add(took, true, now);
        if (usuallyFailing < SELDOM && state instanceof Working) {
            window.refused(among);
        }
        judge(now);
    }

    private void busy(int among, Instant now) {
        if (state instanceof Looking(int sessions, _, _)) {
            window.set(sessions);
            state = new Working();
        }
        if (!window.refused(among)) {
            rest(Failure.BUSY, now);
        }
        cohort = new Cohort(now);
    }

    private void rest(Failure kind, Instant now) {
        if (kind == Failure.THROTTLED) {
            pace.refused();
        }
        if (state instanceof Looking(int sessions, _, _)) {
            window.set(sessions);
        }
        state = new Resting(Rest.first(kind, now), null);
    }

    private void judge(Instant now) {
        if (cohort.sessions() == 0) {
            return;
        }
        switch (state) {
            case Working() -> judgeWorking(now);
            case Looking looking -> judgeLook(looking, now);
            case Resting _ -> {}
        }
    }

    private void judgeWorking(Instant now) {
        if (usual == 0) {
            if (cohort.sessions() >= FIRST_COHORT) {
                measure(cohort);
                cohort = new Cohort(now);
            }
            return;
        }
        boolean whole = cohort.sessions() >= wholeCohort();
        if (!whole && !isVerySlow()) {
            return;
        }
        boolean bad =
                !whole || cohort.mean() >= SLOW * usual || cohort.failsMoreThan(usuallyFailing);
        if (bad && window.isProbing()) {
            window.tooMany(window.allowed(), quietUntil(cohort, now));
        } else if (window.allowed() > 1 && (bad ? mayHelp(now) : !now.isBefore(nextLook))) {
            look(now);
            return;
        } else {
            adjust();
        }
        cohort = new Cohort(now);
    }

    /// Where it did not help a short time ago, it will not now.
    private boolean mayHelp(Instant now) {
        return !now.isBefore(nextTry) || window.allowed() > triedAt;
    }

    private int wholeCohort() {
        return Math.max(COHORT, 2 * window.allowed());
    }

    private boolean isVerySlow() {
        return cohort.sessions() >= FIRST_COHORT && cohort.mean() >= VERY_SLOW * usual;
    }

    private static Instant quietUntil(Cohort bad, Instant now) {
        return now.plusNanos((long) (1e9 * COST * bad.mean()));
    }

    /// What is usual may get less by itself; that it is more is believed where fewer sessions do
    /// not help.
    private void adjust() {
        if (window.allowed() == 1) {
            measure(cohort);
        } else {
            usual = Math.min(usual, usual + (cohort.mean() - usual) / 4);
            usuallyFailing += (cohort.failing() - usuallyFailing) / 4;
        }
        growing = cohort.mean() <= QUICK * usual;
    }

    private void measure(Cohort measured) {
        usual = measured.mean();
        usuallyFailing = measured.failing();
        growing = true;
    }

    private void look(Instant now) {
        state = new Looking(window.allowed(), cohort, cohort.failsMoreThan(usuallyFailing));
        nextLook = now.plus(longer(LOOK_AFTER, cohort.age(now).multipliedBy(LOOK_COHORTS)));
        window.set(window.allowed() / 2);
        cohort = new Cohort(now);
    }

    private static Duration longer(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? other : one;
    }

    /// Where half as many do better, half of those may do better still.
    private void judgeLook(Looking look, Instant now) {
        if (cohort.sessions() < wholeCohort()) {
            return;
        }
        Cohort before = look.before();
        boolean helped =
                before.mean() >= HELPED * cohort.mean()
                        || look.failing() && cohort.rate() >= SAME * before.rate();
        if (!helped && cohort.mean() >= VERY_SLOW * usual && window.allowed() > FEWEST) {
            window.set(window.allowed() / 2);
            cohort = new Cohort(now);
            return;
        }
        measure(cohort);
        if (helped) {
            window.tooMany(look.sessions(), quietUntil(before, now));
        } else {
            window.set(look.sessions());
            triedAt = look.sessions();
            nextTry = now.plus(cohort.age(now).multipliedBy(TRY_COHORTS));
        }
        if (helped && window.allowed() > 1) {
            look(now);
        } else {
            state = new Working();
            cohort = new Cohort(now);
        }
    }
}
