package org.posthorn.smtp.server;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.posthorn.api.net.Network;

import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Random;

class AuthFailuresTest {
    private static final Duration MINUTE = Duration.ofMinutes(1);

    private Instant now = Instant.parse("2026-01-01T12:00:00Z");

    @Test
    void countsByNetworkAndByAccount() {
        AuthFailures failures = failures();
        assertThat(failures.add(address("192.0.2.1"), "mona")).isEqualTo(1);
        assertThat(failures.add(address("192.0.2.1"), "")).isEqualTo(2);
        assertThat(failures.from(address("192.0.2.2"))).isZero();
        failures.add(address("192.0.2.2"), "MONA");
        assertThat(failures.tooManyFor("mona")).isFalse();
        failures.add(address("192.0.2.3"), "mona");
        assertThat(failures.tooManyFor("mona")).isTrue();
        assertThat(failures.tooManyFor("leo")).isFalse();
        now = now.plus(MINUTE.multipliedBy(20));
        assertThat(failures.tooManyFor("mona")).isFalse();
    }

    @Test
    void countsNarrowAndWideNetworksAtOnce() {
        AuthFailures failures = failures(network(64, 2), network(48, 3));
        failures.add(address("2001:db8:1:1::1"), "a");
        assertThat(tooMany(failures, "2001:db8:1:1::2")).isFalse();
        failures.add(address("2001:db8:1:1::2"), "b");
        assertThat(tooMany(failures, "2001:db8:1:1::3")).isTrue();
        assertThat(tooMany(failures, "2001:db8:1:2::1")).isFalse();
        failures.add(address("2001:db8:1:2::1"), "c");
        assertThat(tooMany(failures, "2001:db8:1:2::1")).isTrue();
        assertThat(tooMany(failures, "2001:db8:1:3::1")).isTrue();
        assertThat(tooMany(failures, "2001:db8:2::1")).isFalse();
        now = now.plus(MINUTE.multipliedBy(2));
        assertThat(tooMany(failures, "2001:db8:1:1::1")).isFalse();
    }

    @Test
    void countsNobodyWhoIsExemptForNetworks() {
        AuthFailures failures = failures(network(48, 1));
        failures.add(address("2001:db8:9::1"), "a");
        assertThat(tooMany(failures, "2001:db8:9::1")).isFalse();
    }

    private AuthFailures failures(NetworkLimits... networks) {
        AuthConfig usual = AuthConfig.DEFAULT;
        var config =
                new AuthConfig(
                        usual.mechanisms(),
                        usual.withoutTls(),
                        Duration.ZERO,
                        9,
                        20,
                        3,
                        usual.window(),
                        usual.ipv4Prefix(),
                        usual.ipv6Prefix(),
                        usual.senderCheck());
        var limits =
                new ClientLimits(
                        List.of(Network.parse("2001:db8:9::/48")), MINUTE, List.of(networks));
        var random = new Random(1);
        return new AuthFailures(
                config, new ClientRates(limits, () -> now, random), () -> now, random);
    }

    private static NetworkLimits network(int ipv6Prefix, int failures) {
        return new NetworkLimits(24, ipv6Prefix, 0, 0, 0, 0, 0, failures);
    }

    private static boolean tooMany(AuthFailures failures, String client) {
        return failures.tooManyFrom(address(client));
    }

    private static InetAddress address(String text) {
        return InetAddress.ofLiteral(text);
    }
}
