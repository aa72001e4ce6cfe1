package org.posthorn.smtp.server;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.time.Instant;

class TimeParametersTest {
    private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");

    private final TimeParameters times =
            new TimeParameters(
                    new SmtpExtensions(
                            SmtpExtensions.DEFAULT.vrfy(),
                            SmtpExtensions.DEFAULT.expn(),
                            SmtpExtensions.DEFAULT.help(),
                            Duration.ofMinutes(5),
                            Duration.ofHours(1)));

    @Test
    void aDeadlineWithReturnIsNotShorterThanTheLeast() {
        assertThat(times.deliverBy("300;R")).isNull();
        assertThat(times.deliverBy("299;R"))
                .hasToString("555 5.5.4 BY with R needs 300 seconds or more");
        assertThat(times.deliverBy("299;N")).isNull();
        assertThat(times.deliverBy("-1;n")).isNull();
        assertThat(times.deliverBy("0;RT")).isNotNull();
    }

    @Test
    void aHoldIsNotLongerThanTheMost() {
        assertThat(times.holdFor("3600")).isNull();
        assertThat(times.holdFor("3601")).isNotNull();
        assertThat(times.holdFor("0")).isNotNull();
        assertThat(times.holdUntil("2026-01-01T13:00:00Z", NOON)).isNull();
        assertThat(times.holdUntil("2026-01-01t13:00:00.000z", NOON)).isNull();
        assertThat(times.holdUntil("2026-01-01T13:00:01Z", NOON)).isNotNull();
        assertThat(times.holdUntil("2026-01-01T11:59:59Z", NOON)).isNotNull();
        assertThat(times.holdUntil("2026-01-01T12:30Z", NOON)).isNotNull();
        assertThat(times.holdUntil("2026-01-01T12:30:00", NOON)).isNotNull();
    }

    @Property
    void nothingMakesItThrow(@ForAll String value) {
        assertThat(TimeParameters.priority(value + "x")).isNotNull();
        assertThat(times.deliverBy(value + "x")).isNotNull();
        assertThat(times.holdFor(value + "x")).isNotNull();
        assertThat(times.holdUntil(value + "x", NOON)).isNotNull();
    }
}
