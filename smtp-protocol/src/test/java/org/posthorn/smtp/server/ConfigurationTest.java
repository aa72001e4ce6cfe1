package org.posthorn.smtp.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.posthorn.api.config.ByteSize;
import org.posthorn.smtp.server.ListenerConfig.Auth;
import org.posthorn.smtp.server.ListenerConfig.Kind;
import org.posthorn.smtp.server.ListenerConfig.Tls;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;

class ConfigurationTest {
    @Test
    void aListenerHasAnAddressAndAPort() {
        assertThat(listener("::1", 25).socketAddress()).isEqualTo(new InetSocketAddress("::1", 25));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> listener("localhost", 25))
                .withMessageContaining("not 'localhost'");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> listener("127.0.0.1", 65_536))
                .withMessageContaining("65536");
    }

    @Test
    void limitsAreNotLowerThanTheRfcAllows() {
        Duration time = Duration.ofMinutes(5);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new SmtpLimits(1, 1, 511, 1, 1, time, time))
                .withMessage("max-command-line must be at least 512");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new SmtpLimits(1, 1, 512, 1, 1, Duration.ZERO, time))
                .withMessage("command-timeout must be longer than 0");
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () ->
                                new MessageLimits(
                                        new ByteSize(1 << 20), new ByteSize(8192), 997, 100))
                .withMessage("max-line-length must be at least 998");
    }

    @Test
    void answersToQuestionsAreReplies() {
        assertThat(extensions("550 5.7.1 We tell nobody").vrfyReply())
                .hasToString("550 5.7.1 We tell nobody");
        assertThat(extensions("252 Perhaps").vrfyReply()).hasToString("252 Perhaps");
        for (String wrong : new String[] {"", "252", "354 go on", "221 Bye", "421 x", "521 x"}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> extensions(wrong))
                    .withMessageStartingWith("vrfy");
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> extensions("252 5.0.0 mixed"))
                .withMessageStartingWith("vrfy: ");
    }

    @Test
    void mechanismsHaveTheirNamesInAnyCase() {
        assertThat(auth(List.of("plain", "Scram-Sha-256"), 5, 32).mechanisms())
                .containsExactly("PLAIN", "SCRAM-SHA-256");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> auth(List.of("plain text"), 5, 32))
                .withMessageStartingWith("mechanisms: 'PLAIN TEXT' is no SASL mechanism");
    }

    @Test
    void guessingHasBounds() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> auth(List.of(), 0, 32))
                .withMessage("max-failures must be at least 1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> auth(List.of(), 5, 33))
                .withMessage("ipv4-prefix must be 1 to 32");
    }

    @Test
    void submissionsNeedAuthenticationUnlessTheListenerSaysOtherwise() {
        var submission = ListenerConfig.of("127.0.0.1", 0, Kind.SUBMISSION, Tls.NONE);
        assertThat(submission.authentication()).isEqualTo(Auth.REQUIRED);
        assertThat(submission.with(Auth.OFFERED).authentication()).isEqualTo(Auth.OFFERED);
        assertThat(listener("127.0.0.1", 0).authentication()).isEqualTo(Auth.NONE);
    }

    private static AuthConfig auth(List<String> mechanisms, int failures, int ipv4Prefix) {
        AuthConfig usual = AuthConfig.DEFAULT;
        return new AuthConfig(
                mechanisms,
                usual.withoutTls(),
                usual.failureDelay(),
                failures,
                usual.maxFailuresPerNetwork(),
                usual.maxFailuresPerAccount(),
                usual.window(),
                ipv4Prefix,
                usual.ipv6Prefix(),
                usual.senderCheck());
    }

    private static SmtpExtensions extensions(String vrfy) {
        SmtpExtensions usual = SmtpExtensions.DEFAULT;
        return new SmtpExtensions(
                vrfy, usual.expn(), usual.help(), usual.minDeliverBy(), usual.maxHold());
    }

    private static ListenerConfig listener(String address, int port) {
        return ListenerConfig.of(address, port, Kind.SMTP, Tls.NONE);
    }
}
