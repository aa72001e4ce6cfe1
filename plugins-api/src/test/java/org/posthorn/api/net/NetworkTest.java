package org.posthorn.api.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.net.InetAddress;

class NetworkTest {

    @ParameterizedTest
    @CsvSource({
        "192.0.2.0/24, 192.0.2.255, true",
        "192.0.2.0/24, 192.0.3.0, false",
        "192.0.2.128/25, 192.0.2.127, false",
        "10.0.0.0/7, 11.255.0.1, true",
        "10.0.0.0/7, 12.0.0.1, false",
        "0.0.0.0/0, 203.0.113.9, true",
        "192.0.2.1, 192.0.2.1, true",
        "192.0.2.1, 192.0.2.2, false",
        "2001:db8::/32, 2001:db8:ffff::1, true",
        "2001:db8::/33, 2001:db8:ffff::1, false",
        "::1, ::1, true",
        "::/0, 192.0.2.1, false",
        "0.0.0.0/0, ::1, false"
    })
    void holdsTheAddressesWithItsPrefix(String network, String address, boolean inside)
            throws Exception {
        assertThat(Network.parse(network).contains(InetAddress.getByName(address)))
                .isEqualTo(inside);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "example.org",
                "localhost/8",
                "192.0.2.0/33",
                "2001:db8::/129",
                "192.0.2.0/-1",
                "192.0.2.0/x",
                "abc",
                "300.1.1.1"
            })
    void refusesWhatIsNoNetworkAndLooksNothingUp(String text) {
        assertThatThrownBy(() -> Network.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }
}
