package org.posthorn.smtp.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.posthorn.api.mail.Domain;
import org.posthorn.api.plugin.Session;
import org.posthorn.smtp.server.ListenerConfig.Kind;
import org.posthorn.smtp.server.ListenerConfig.Tls;
import org.posthorn.smtp.server.sasl.SaslSources;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;

class OffersTest {
    private static final Instant NOW = Instant.parse("2026-01-01T12:34:56Z");

    private final LiveSession session =
            new LiveSession(
                    "s",
                    "smtp",
                    new InetSocketAddress("192.0.2.1", 1),
                    new InetSocketAddress("192.0.2.2", 25),
                    NOW);

    @Test
    void tlsIsOfferedUntilItIsInUse() {
        Offers offers = offers(Kind.SMTP);
        session.hello("x", true);
        assertThat(lines(offers)).contains("STARTTLS").doesNotContain("REQUIRETLS");
        session.secured(new Session.Tls("TLSv1.3", "x"));
        assertThat(offers.has(Extension.SIZE, session)).isFalse();
        session.hello("x", true);
        assertThat(lines(offers)).contains("REQUIRETLS").doesNotContain("STARTTLS");
        assertThat(offers.has(Extension.SIZE, session)).isTrue();
    }

    @Test
    void whatIsDiscardedIsNotOffered() {
        Offers offers = offers(Kind.SMTP, "chunking", "Size", "STARTTLS");
        session.hello("x", true);
        assertThat(lines(offers))
                .noneMatch(line -> line.startsWith("SIZE"))
                .doesNotContain("CHUNKING", "BINARYMIME", "STARTTLS");
        assertThat(offers.has(Extension.BINARYMIME, session)).isFalse();
        assertThat(offers.any(Extension.STARTTLS)).isFalse();
    }

    @Test
    void internationalMailIsTakenOnlyWithEightBits() {
        assertThat(lines(offers(Kind.SMTP))).contains("SMTPUTF8", "8BITMIME");
        assertThat(lines(offers(Kind.SMTP, "8BITMIME"))).doesNotContain("SMTPUTF8", "8BITMIME");
        assertThat(lines(offers(Kind.SMTP, "SMTPUTF8"))).contains("8BITMIME");
    }

    @Test
    void whatIsNoKeywordCannotBeDiscarded() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> offers(Kind.SMTP, "CHUNKIN"))
                .withMessageStartingWith("discard-ehlo-keywords: 'CHUNKIN'");
    }

    @Test
    void limitsStandBehindTheirKeywords() {
        assertThat(lines(offers(Kind.SMTP)))
                .contains("SIZE 52428800", "LIMITS RCPTMAX=1000", "DELIVERBY")
                .contains("FUTURERELEASE 604800 2026-01-08T12:00:00Z");
    }

    @Test
    void theLatestReleaseMovesOnWithTime() {
        Offers offers = offers(Kind.SMTP);
        assertThat(offers.reply(session, NOW)).isSameAs(offers.reply(session, NOW));
        assertThat(offers.reply(session, NOW.plus(Duration.ofHours(1))).lines())
                .contains("FUTURERELEASE 604800 2026-01-08T13:00:00Z");
    }

    @Test
    void lmtpHasNoUseForSome() {
        assertThat(lines(offers(Kind.LMTP)))
                .contains("PIPELINING", "ENHANCEDSTATUSCODES", "8BITMIME")
                .noneMatch(line -> line.startsWith("FUTURERELEASE") || line.startsWith("PRDR"));
    }

    private List<String> lines(Offers offers) {
        return offers.reply(session, NOW).lines();
    }

    private static Offers offers(Kind kind, String... discarded) {
        ListenerConfig listener =
                ListenerConfig.of("127.0.0.1", 0, kind, Tls.STARTTLS)
                        .discarding(Arrays.asList(discarded));
        SmtpSettings settings =
                new SmtpSettings(
                        new Domain.Name("mx.example.org"),
                        Map.of("smtp", listener),
                        SmtpLimits.DEFAULT,
                        MessageLimits.DEFAULT,
                        SmtpExtensions.DEFAULT,
                        AuthConfig.DEFAULT);
        var random = new Random(1);
        var rates = new ClientRates(ClientLimits.DEFAULT, () -> NOW, random);
        var authenticator =
                new Authenticator(
                        listener,
                        settings.auth(),
                        new SaslSources(List.of(), random),
                        new AuthFailures(settings.auth(), rates, () -> NOW, random));
        return new Offers(settings, listener, true, authenticator);
    }
}
