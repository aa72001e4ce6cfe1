package org.posthorn.api.mail;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.time.Instant;
import java.util.Optional;

/// What the values of parameters mean, each by its RFC.
class MailParametersTest {
    private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");

    private static Parameters with(String keyword, String value) {
        return Parameters.NONE.with(keyword, value);
    }

    @Test
    void deliverByHasATimeAndAMode() {
        assertThat(DeliverBy.parse("120;R")).isEqualTo(new DeliverBy(120, true, false));
        assertThat(DeliverBy.parse("-5;nt")).isEqualTo(new DeliverBy(-5, false, true));
        assertThat(DeliverBy.parse("+86400;RT")).hasToString("86400;RT");
        assertThat(DeliverBy.parse("120;R").deadline(NOON)).isEqualTo(NOON.plusSeconds(120));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "120", "120;", "120;X", "0;R", "-1;R", "1234567890;N", "1;RTT", ";R"})
    void deliverByIsNothingElse(String value) {
        assertThatThrownBy(() -> DeliverBy.parse(value)).isInstanceOf(MailSyntaxException.class);
        assertThat(DeliverBy.of(with("BY", value))).isEmpty();
    }

    @Test
    void futureReleaseIsAfterATimeOrAtAMoment() {
        assertThat(FutureRelease.of(with("HOLDFOR", "60"), NOON)).contains(NOON.plusSeconds(60));
        assertThat(FutureRelease.of(with("HOLDUNTIL", "2026-01-01T13:00:00Z"), NOON))
                .contains(NOON.plusSeconds(3600));
        assertThat(FutureRelease.of(with("HOLDUNTIL", "2026-01-01T15:00:00.5+02:00"), NOON))
                .contains(NOON.plusMillis(3_600_500));
    }

    @Test
    void futureReleaseInThePastIsNow() {
        assertThat(FutureRelease.of(with("HOLDUNTIL", "2026-01-01T11:00:00Z"), NOON)).isEmpty();
        assertThat(FutureRelease.of(Parameters.NONE, NOON)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "0", "-1", "1234567890", "1h", "\u0661"})
    void holdForIsANumberOfSeconds(String value) {
        assertThatThrownBy(() -> FutureRelease.parseFor(value))
                .isInstanceOf(MailSyntaxException.class);
        assertThat(FutureRelease.of(with("HOLDFOR", value), NOON)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "tomorrow", "2026-01-01", "2026-01-01T12:00:00", "2026-13-01T12:00:00Z"})
    void holdUntilIsADateAndTime(String value) {
        assertThatThrownBy(() -> FutureRelease.parseUntil(value))
                .isInstanceOf(MailSyntaxException.class);
    }

    @Test
    void priorityIsOneDigitWithOrWithoutAMinus() {
        assertThat(Priority.parse("9")).isEqualTo(9);
        assertThat(Priority.parse("-9")).isEqualTo(-9);
        assertThat(Priority.of(Parameters.NONE)).isZero();
        assertThat(Priority.of(with("MT-PRIORITY", "high"))).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-", "+1", "10", "-0", "x"})
    void priorityIsNothingElse(String value) {
        assertThatThrownBy(() -> Priority.parse(value)).isInstanceOf(MailSyntaxException.class);
    }

    @Test
    void notifyIsNeverOrAList() {
        assertThat(Notify.parse("never")).isEmpty();
        assertThat(Notify.parse("SUCCESS,Delay"))
                .containsExactlyInAnyOrder(Notify.SUCCESS, Notify.DELAY);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "NEVER,DELAY", "SUCCESS,", "SUCCESS DELAY", "ALWAYS"})
    void notifyIsNothingElse(String value) {
        assertThatThrownBy(() -> Notify.parse(value)).isInstanceOf(MailSyntaxException.class);
    }

    @Test
    void whoAsksForNothingIsToldOfFailuresAndDelays() {
        Mailbox leo = Mailbox.parse("leo@example.org");
        assertThat(Notify.of(Recipient.of(leo)))
                .containsExactlyInAnyOrder(Notify.FAILURE, Notify.DELAY);
        assertThat(Notify.of(new Recipient(leo, with("NOTIFY", "NEVER")))).isEmpty();
    }

    @Test
    void xtextHidesWhatCannotStandInAParameter() {
        assertThat(Xtext.encode("a+b=c d\u00e9")).isEqualTo("a+2Bb+3Dc+20d+C3+A9");
        assertThat(Xtext.decode("a+2Bb+3Dc+20d+C3+A9")).isEqualTo("a+b=c d\u00e9");
    }

    @ParameterizedTest
    @ValueSource(strings = {"+", "+2", "+2b", "+G0", "a b", "a=b", "a\u0000"})
    void xtextIsNothingElse(String value) {
        assertThatThrownBy(() -> Xtext.decode(value)).isInstanceOf(MailSyntaxException.class);
    }

    @Test
    void junkThatAPluginMadeSaysNothing() {
        assertThat(DeliverBy.of(with("BY", "soon"))).isEqualTo(Optional.empty());
    }
}
