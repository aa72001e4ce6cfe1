package org.posthorn.delivery;

import org.posthorn.api.config.Default;
import org.posthorn.api.config.Help;
import org.posthorn.queue.QueueConfig;

import java.time.Duration;

/// The block `delivery.sessions`: how many sessions there are, how long they are kept, and what
/// becomes of mail for a site that has too few of them or does not answer. Immutable.
///
/// @param initial sessions in use at once with a site of which nothing is known
/// @param perSite sessions in use at once with one site
/// @param messages messages sent in one session
/// @param age how old a session gets
/// @param idle how long a session is kept that nobody needs
/// @param mostIdle how many of these are kept at all sites together
/// @param waiting how many messages wait in memory for a session with one site
/// @param patience how long they should have to
/// @param deadAfter how many attempts in a row must fail until a site counts as dead
/// @param firstProbe the first pause of a dead site
/// @param longestProbe the longest pause
public record SessionsConfig(
        @Help(
                        "Sessions in use at once with a site of which nothing is known yet. How many it takes is learned from how it answers.")
                @Default("2")
                int initial,
        @Help(
                        "The most sessions in use at once with one site: the mail exchangers of a domain, which are those of many domains, or a route's server.")
                @Default("20")
                int perSite,
        @Help("Messages sent in one session; fewer where the server says so (LIMITS).")
                @Default("100")
                int messages,
        @Help("No further message is sent in a session that is older.") @Default("5m") Duration age,
        @Help("How long a session is kept open that no message needs; 0s for not at all.")
                @Default("5s")
                Duration idle,
        @Help("Sessions kept open that no message needs, with all sites together.") @Default("1000")
                int mostIdle,
        @Help(
                        "Messages that wait in memory for a session with one site. The others are put back into the queue for as long as the site is likely to need. Fewer wait for a slow site.")
                @Default("2000")
                int waiting,
        @Help(
                        "How long they should have to wait: no more of them wait than the site takes in this time, but always some. Who has waited six times as long is put back, too.")
                @Default("10s")
                Duration patience,
        @Help(
                        "A site counts as dead when so many attempts in a row got no session with it, and at least as many as there may be sessions. Then its mail is not tried, but for one message at a time.")
                @Default("3")
                int deadAfter,
        @Help("For how long a dead site is left alone at first; each time twice as long.")
                @Default("30s")
                Duration firstProbe,
        @Help("For how long a dead site is left alone at the most.") @Default("2m")
                Duration longestProbe) {

    /// What holds where the configuration says nothing.
    public static final SessionsConfig STANDARD =
            new SessionsConfig(
                    2,
                    20,
                    100,
                    Duration.ofMinutes(5),
                    Duration.ofSeconds(5),
                    1000,
                    2000,
                    Duration.ofSeconds(10),
                    3,
                    Duration.ofSeconds(30),
                    Duration.ofMinutes(2));

    /// Checks the ranges, each by itself and together.
    ///
    /// @throws IllegalArgumentException naming the setting, what was expected and what was found
    public SessionsConfig {
        within("initial", initial, 1);
        within("per-site", perSite, 1);
        within("messages", messages, 1);
        QueueConfig.positive("age", age);
        if (idle.isNegative()) {
            throw new IllegalArgumentException("idle must not be negative: " + idle);
        }
        within("most-idle", mostIdle, 0);
        within("waiting", waiting, 1);
        QueueConfig.positive("patience", patience);
        within("dead-after", deadAfter, 1);
        QueueConfig.positive("first-probe", firstProbe);
        if (longestProbe.compareTo(firstProbe) < 0) {
            throw new IllegalArgumentException(
                    "longest-probe must be at least first-probe: "
                            + longestProbe
                            + " is less than "
                            + firstProbe);
        }
    }

    private static void within(String setting, int value, int least) {
        if (value < least || value > 100_000) {
            throw new IllegalArgumentException(
                    setting + " must be " + least + " to 100000, and is " + value);
        }
    }
}
