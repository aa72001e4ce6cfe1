package org.posthorn.api.mail;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.net.InetAddress;

class DomainTest {

    @Test
    void equalDomainsAreEqualWhateverTheirCase() {
        assertThat(Domain.parse("EXAMPLE.org")).isEqualTo(Domain.parse("example.ORG"));
    }

    @Test
    void keepsULabelsAndOffersALabels() {
        Domain domain = Domain.parse("Bücher.example");
        assertThat(domain).hasToString("bücher.example");
        assertThat(domain.ascii()).isEqualTo("xn--bcher-kva.example");
    }

    @Test
    void readsLiteralsOfBothFamilies() throws Exception {
        assertThat(Domain.parse("[192.0.2.1]"))
                .isEqualTo(new Domain.Literal(InetAddress.getByName("192.0.2.1")));
        assertThat(Domain.parse("[IPv6:2001:db8::1]"))
                .isEqualTo(new Domain.Literal(InetAddress.getByName("2001:db8::1")));
    }
}
