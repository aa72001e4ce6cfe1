package org.posthorn.smtp.rate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

import java.net.InetAddress;

class ClientPrefixesTest {
    @Test
    void takesNeighboursForOne() {
        assertThat(usual("192.0.2.1")).isEqualTo(usual("192.0.2.255"));
        assertThat(usual("192.0.2.1")).isNotEqualTo(usual("192.0.3.1"));
        assertThat(usual("2001:db8:0:1::1")).isEqualTo(usual("2001:db8:0:1:ffff::"));
        assertThat(usual("2001:db8:0:1::1")).isNotEqualTo(usual("2001:db8:0:2::1"));
    }

    @Test
    void takesAsMuchOfAnAddressAsItIsTold() {
        var single = new ClientPrefixes(32, 48);
        assertThat(single.of(address("192.0.2.1"))).isNotEqualTo(single.of(address("192.0.2.2")));
        assertThat(single.of(address("2001:db8::1")))
                .isEqualTo(single.of(address("2001:db8:0:ffff::1")));
        var wide = new ClientPrefixes(1, 1);
        assertThat(wide.of(address("129.0.0.0"))).isEqualTo(wide.of(address("255.0.0.0")));
        assertThat(wide.of(address("129.0.0.0"))).isNotEqualTo(wide.of(address("1.0.0.0")));
    }

    @Test
    void mistakesNoIpv4ClientForAnIpv6Client() {
        assertThat(usual("192.0.2.1")).isNotEqualTo(usual("2001:db8::192.0.2.1"));
        assertThat(usual("0.0.0.0")).isNotEqualTo(usual("::"));
    }

    @Test
    void refusesPrefixesThatThereAreNot() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new ClientPrefixes(33, 64))
                .withMessageContaining("ipv4-prefix must be 1 to 32");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new ClientPrefixes(24, 65))
                .withMessageContaining("ipv6-prefix must be 1 to 64");
    }

    private static long usual(String address) {
        return new ClientPrefixes(24, 64).of(address(address));
    }

    private static InetAddress address(String text) {
        return InetAddress.ofLiteral(text);
    }
}
