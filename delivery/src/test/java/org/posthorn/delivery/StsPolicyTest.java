package org.posthorn.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/// RFC 8461 §3.2 and §4.1.
class StsPolicyTest {
    private static final String SOUND =
            "version: STSv1\nmode: enforce\nmx: mail.example.com\nmx: *.example.net\nmax_age: 604800\n";

    @Test
    void readsAPolicyWithLineEndsOfBothKinds() {
        var expected =
                new StsPolicy(
                        StsPolicy.Mode.ENFORCE,
                        List.of("mail.example.com", "*.example.net"),
                        Duration.ofDays(7));
        assertThat(StsPolicy.parse(SOUND)).contains(expected);
        assertThat(StsPolicy.parse(SOUND.replace("\n", "\r\n"))).contains(expected);
        assertThat(StsPolicy.parse(SOUND.strip().replace(": ", ":  "))).contains(expected);
    }

    @Test
    void passesOverWhatItDoesNotKnowAndTakesTheFirstOfTwo() {
        assertThat(StsPolicy.parse(SOUND + "mode: none\nfuture: x\n\nno field\n"))
                .contains(StsPolicy.parse(SOUND).orElseThrow());
    }

    @Test
    void needsNoExchangersWhereThereIsNoPolicyAnyMore() {
        assertThat(StsPolicy.parse("version: STSv1\nmode: none\nmax_age: 0\n"))
                .contains(new StsPolicy(StsPolicy.Mode.NONE, List.of(), Duration.ZERO));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "version: STSv2\nmode: enforce\nmx: a.example\nmax_age: 1\n",
                "mode: enforce\nmx: a.example\nmax_age: 1\n",
                "version: STSv1\nmx: a.example\nmax_age: 1\n",
                "version: STSv1\nmode: strict\nmx: a.example\nmax_age: 1\n",
                "version: STSv1\nmode: enforce\nmax_age: 1\n",
                "version: STSv1\nmode: enforce\nmx: a.example\n",
                "version: STSv1\nmode: enforce\nmx: a.example\nmax_age: -1\n",
                "version: STSv1\nmode: enforce\nmx: a.example\nmax_age: 1d\n",
                "version: STSv1\nmode: enforce\nmx: *\nmax_age: 1\n",
                "version: STSv1\nmode: enforce\nmx: a*.example\nmax_age: 1\n",
                "version: STSv1\nmode: enforce\nmx: a b\nmax_age: 1\n"
            })
    void takesNothingElseForAPolicy(String text) {
        assertThat(StsPolicy.parse(text)).isEmpty();
    }

    @Test
    void keepsNothingForLongerThanAYear() {
        assertThat(StsPolicy.parse(SOUND.replace("604800", "9999999999")).orElseThrow().maxAge())
                .isEqualTo(Duration.ofHours(8_766));
    }

    @Test
    void allowsNamesAndOneLabelForAStar() {
        StsPolicy policy = StsPolicy.parse(SOUND).orElseThrow();
        assertThat(List.of("mail.example.com", "MAIL.example.com", "a.example.net"))
                .allMatch(policy::allows);
        assertThat(
                        List.of(
                                "example.com",
                                "a.mail.example.com",
                                "example.net",
                                "a.b.example.net",
                                "aexample.net",
                                "[192.0.2.1]"))
                .noneMatch(policy::allows);
    }

    @Property(tries = 300)
    void isReadAsItIsWritten(
            @ForAll StsPolicy.Mode mode,
            @ForAll @IntRange(min = 0, max = 31_557_600) int age,
            @ForAll @IntRange(min = 1, max = 100) int exchangers) {
        List<String> names = Collections.nCopies(exchangers, "*.mx.example");
        var policy = new StsPolicy(mode, names, Duration.ofSeconds(age));
        assertThat(StsPolicy.parse(policy.toString())).contains(policy);
    }

    @Property(tries = 300)
    void noTextIsTooStrange(@ForAll String text, @ForAll String host) {
        StsPolicy.parse(text);
        assertThat(StsPolicy.parse(SOUND + "later: " + text).map(it -> it.allows(host)))
                .isNotEqualTo(Optional.of(true));
    }
}
