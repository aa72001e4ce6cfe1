package org.posthorn.delivery;

import org.posthorn.delivery.Concurrency.Failure;

import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/// A site of the simulated network: how it answers a session, by the time and by how many are open.
///
/// @param name what it does, for the table
/// @param script how it does it, anew for each course
/// @param lasts how long it is sent mail
/// @param possible how many messages it can take in that time from 20 sessions at most
record ScriptedSite(String name, Supplier<Script> script, Duration lasts, double possible) {
    /// How long a message takes when nothing is wrong, in seconds.
    static final double USUAL = 0.5;

    private static final double ROUND_TRIP = 0.05;
    private static final double TIMEOUT = 30;
    private static final Duration HOUR = Duration.ofHours(1);

    /// What becomes of one session.
    ///
    /// @param seconds how long it takes
    /// @param failure what goes wrong, if anything
    record Answer(double seconds, Optional<Failure> failure) {
        static Answer taken(double seconds) {
            return new Answer(seconds, Optional.empty());
        }

        static Answer not(Failure failure, double seconds) {
            return new Answer(seconds, Optional.of(failure));
        }
    }

    /// Answers sessions.
    interface Script {
        /// @param at seconds since the beginning
        /// @param open how many sessions are open, with this one
        Answer answer(double at, int open, RandomGenerator random);
    }

    private static double about(double seconds, RandomGenerator random) {
        return seconds * random.nextDouble(0.5, 1.5);
    }

    private static ScriptedSite hour(String name, double possible, Script script) {
        return new ScriptedSite(name, () -> script, HOUR, possible);
    }

    private static double sessions(int sessions, double seconds) {
        return sessions * HOUR.toSeconds() / seconds;
    }

    static ScriptedSite slowsAbove(int sessions) {
        return hour(
                "works on %d messages at once, others wait".formatted(sessions),
                sessions(sessions, USUAL),
                (_, open, random) ->
                        Answer.taken(about(USUAL * Math.max(1, open / (double) sessions), random)));
    }

    static ScriptedSite collapsesAbove(int sessions) {
        return hour(
                "ten times slower for all above %d sessions".formatted(sessions),
                sessions(sessions, USUAL),
                (_, open, random) ->
                        Answer.taken(about(open > sessions ? 10 * USUAL : USUAL, random)));
    }

    static ScriptedSite refusesAbove(int sessions) {
        return hour(
                "`421` above %d sessions".formatted(sessions),
                sessions(sessions, USUAL),
                (_, open, random) -> limited(open, sessions, random));
    }

    private static Answer limited(int open, int sessions, RandomGenerator random) {
        return open > sessions
                ? Answer.not(Failure.BUSY, ROUND_TRIP)
                : Answer.taken(about(USUAL, random));
    }

    static ScriptedSite dropsAbove(int sessions) {
        return hour(
                "no connection above %d sessions".formatted(sessions),
                sessions(sessions, USUAL),
                (_, open, random) ->
                        open > sessions
                                ? Answer.not(Failure.UNREACHED, ROUND_TRIP)
                                : Answer.taken(about(USUAL, random)));
    }

    static ScriptedSite changes(int first, int second, int third) {
        return new ScriptedSite(
                "`421` above %d, then %d, then %d sessions".formatted(first, second, third),
                () ->
                        (at, open, random) ->
                                limited(
                                        open,
                                        at < 1200 ? first : at < 2400 ? second : third,
                                        random),
                HOUR,
                sessions(first + second + third, USUAL) / 3);
    }

    /// A token bucket.
    static ScriptedSite takes(int perSecond, int burst) {
        return new ScriptedSite(
                "%d messages a second, bursts of %d, then `450 4.7.1`".formatted(perSecond, burst),
                () -> bucket(perSecond, burst),
                HOUR,
                perSecond * HOUR.toSeconds() + burst);
    }

    private static Script bucket(int perSecond, int burst) {
        double[] state = {burst, 0};
        return (at, _, random) -> {
            state[0] = Math.min(burst, state[0] + (at - state[1]) * perSecond);
            state[1] = at;
            boolean taken = state[0] >= 1;
            state[0] -= taken ? 1 : 0;
            return rated(taken, random);
        };
    }

    private static Answer rated(boolean taken, RandomGenerator random) {
        return taken
                ? Answer.taken(about(USUAL / 2, random))
                : Answer.not(Failure.THROTTLED, 2 * ROUND_TRIP);
    }

    static ScriptedSite takesEachMinute(int messages) {
        return new ScriptedSite(
                "%d messages each minute, then `450 4.7.1`".formatted(messages),
                () -> minutes(messages),
                HOUR,
                messages * HOUR.toMinutes());
    }

    private static Script minutes(int messages) {
        double[] state = {0, 0};
        return (at, _, random) -> {
            if (at >= state[0] + 60) {
                state[0] = Math.floor(at / 60) * 60;
                state[1] = 0;
            }
            return rated(state[1]++ < messages, random);
        };
    }

    static ScriptedSite tarpit(double seconds) {
        return hour(
                "takes %.0f s for each message, whatever the load".formatted(seconds),
                sessions(20, seconds),
                (_, _, random) -> Answer.taken(about(seconds, random)));
    }

    static ScriptedSite getsSlower() {
        return hour(
                "twice as slow in the second half hour, whatever the load",
                (sessions(20, USUAL) + sessions(20, 2 * USUAL)) / 2,
                (at, _, random) -> Answer.taken(about(at < 1800 ? USUAL : 2 * USUAL, random)));
    }

    static ScriptedSite dies() {
        return hour(
                "dead for ten minutes",
                sessions(20, USUAL) * 5 / 6,
                (at, _, random) ->
                        at >= 1200 && at < 1800
                                ? Answer.not(Failure.UNREACHED, TIMEOUT)
                                : Answer.taken(about(USUAL, random)));
    }

    static ScriptedSite oneOfFourIsDown() {
        return hour(
                "one of four servers behind an address is down",
                sessions(20, 0.75 * USUAL + 0.25 * ROUND_TRIP) * 0.75,
                (_, _, random) ->
                        random.nextInt(4) == 0
                                ? Answer.not(Failure.UNREACHED, ROUND_TRIP)
                                : Answer.taken(about(USUAL, random)));
    }

    static ScriptedSite near() {
        return new ScriptedSite(
                "20 ms for each message, no limits",
                () -> (_, _, random) -> Answer.taken(about(0.02, random)),
                Duration.ofMinutes(2),
                20 * 120 / 0.02);
    }
}
