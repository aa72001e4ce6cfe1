package org.posthorn.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// What is learned of a site, on a simulated network, beside Postfix's published algorithm.
class AdaptiveConcurrencyTest {
    private static final Path PAGE = Path.of("../docs/delivery-concurrency.md");
    private static final long SEED = 3;
    private static final double LEAST_SHARE = 0.9;

    /// The share of attempts that may be refused, as probes and before the site is known.
    private static final double MOST_REFUSED = 0.01;

    static Stream<ScriptedSite> limits() {
        return Stream.of(
                ScriptedSite.slowsAbove(8),
                ScriptedSite.collapsesAbove(8),
                ScriptedSite.refusesAbove(10),
                ScriptedSite.refusesAbove(2),
                ScriptedSite.changes(4, 16, 8),
                ScriptedSite.dropsAbove(5),
                ScriptedSite.takes(10, 50),
                ScriptedSite.takesEachMinute(600));
    }

    static Stream<ScriptedSite> others() {
        return Stream.of(
                ScriptedSite.near(),
                ScriptedSite.tarpit(10),
                ScriptedSite.getsSlower(),
                ScriptedSite.dies(),
                ScriptedSite.oneOfFourIsDown());
    }

    private static SimulatedNetwork.Course ours(ScriptedSite site, long seed) {
        return SimulatedNetwork.run(site, new SiteAlone(SimulatedNetwork.BEGIN), seed);
    }

    private static SimulatedNetwork.Course postfix(ScriptedSite site) {
        return SimulatedNetwork.run(site, new PublishedConcurrency(_ -> 1), SEED);
    }

    private static SimulatedNetwork.Course gentlePostfix(ScriptedSite site) {
        return SimulatedNetwork.run(
                site, new PublishedConcurrency(sessions -> 1.0 / sessions), SEED);
    }

    @ParameterizedTest
    @MethodSource("limits")
    void takesNineTenthsOfWhatASiteCanWithoutTrippingItsLimits(ScriptedSite site) {
        for (long seed = 1; seed <= SEED; seed++) {
            SimulatedNetwork.Course course = ours(site, seed);
            assertThat(course.share()).as("share of %s", site.name()).isGreaterThan(LEAST_SHARE);
            assertThat(course.refused()).as("refused by %s", site.name()).isLessThan(MOST_REFUSED);
        }
    }

    @ParameterizedTest
    @MethodSource("others")
    void isNotMisledByWhatIsNoLimit(ScriptedSite site) {
        for (long seed = 1; seed <= SEED; seed++) {
            assertThat(ours(site, seed).share())
                    .as("share of %s", site.name())
                    .isGreaterThan(LEAST_SHARE);
        }
    }

    @Test
    void keepsTheQueueOfABusyServerShort() {
        assertThat(ours(ScriptedSite.slowsAbove(8), SEED).mean())
                .isLessThan(1.5 * ScriptedSite.USUAL);
    }

    @Test
    void sendsTheDeadFewMessages() {
        double attempts = ScriptedSite.dies().possible() * 6 / 5;
        assertThat(ours(ScriptedSite.dies(), SEED).refused() * attempts).isLessThan(50);
    }

    @Test
    void theDocumentHasTheCourses() throws IOException {
        String table =
                Stream.concat(limits(), others())
                        .map(AdaptiveConcurrencyTest::row)
                        .collect(Collectors.joining("\n"));
        assertThat(Files.readString(PAGE))
                .as("the rows of the table of %s, to be put there as they are:\n%s", PAGE, table)
                .contains(table);
    }

    private static String row(ScriptedSite site) {
        return Stream.of(ours(site, SEED), postfix(site), gentlePostfix(site))
                .map(
                        course ->
                                String.format(
                                        Locale.ROOT,
                                        "%.0f %% | %.2f %% | %.2f s",
                                        100 * course.share(),
                                        100 * course.refused(),
                                        course.mean()))
                .collect(Collectors.joining(" | ", "| " + site.name() + " | ", " |"));
    }
}
