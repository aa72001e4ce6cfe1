package org.posthorn.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.posthorn.api.dns.DnsAnswer;
import org.posthorn.api.dns.RecordType;
import org.posthorn.api.mail.Domain;
import org.posthorn.testkit.InMemoryDns;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

class TargetsTest {
    private final InMemoryDns zone = new InMemoryDns();
    private static final SiteName SITE = new SiteName("smtp://typo.example");

    private final LocalHost us =
            new LocalHost(
                    "us.example",
                    List.of(new InetSocketAddress(InetAddress.ofLiteral("192.0.2.99"), 25)));

    private Targets targets(long seed) {
        return new Targets(DeliveryConfig.STANDARD, us, zone, new Random(seed));
    }

    private List<String> hosts(String domain) throws InterruptedException {
        return hosts(domain, 1);
    }

    private List<String> hosts(String domain, long seed) throws InterruptedException {
        return switch (targets(seed).ofDomain(Domain.parse(domain))) {
            case Targets.Hosts(_, List<Target> found) ->
                    found.stream().map(Target::toString).toList();
            case Targets.Nowhere(var reply) -> throw new AssertionError(reply);
        };
    }

    private void broken(String name) {
        for (RecordType type : RecordType.values()) {
            zone.answer(name, type, new DnsAnswer.Failed("SERVFAIL from test"));
        }
    }

    private String nowhere(String domain) throws InterruptedException {
        return switch (targets(1).ofDomain(Domain.parse(domain))) {
            case Targets.Hosts(_, List<Target> found) -> throw new AssertionError(found);
            case Targets.Nowhere(var reply) -> reply.code() + " " + reply.status().orElseThrow();
        };
    }

    @Test
    void triesHostsByPreference() throws Exception {
        zone.mx("a.example", 20, "two.example").mx("a.example", 10, "one.example");
        zone.address("one.example", "192.0.2.1").address("two.example", "192.0.2.2");

        assertThat(hosts("a.example"))
                .containsExactly("one.example[192.0.2.1]:25", "two.example[192.0.2.2]:25");
    }

    @Test
    void triesEqualHostsInAnyOrder() throws Exception {
        Set<List<String>> orders = new HashSet<>();
        for (String host : List.of("x.example", "y.example", "z.example")) {
            zone.mx("a.example", 10, host).address(host, "192.0.2.1");
        }
        for (int seed = 0; seed < 100; seed++) {
            orders.add(hosts("a.example", seed));
        }

        assertThat(orders).hasSize(6);
    }

    @Test
    void triesBothFamiliesOfAddresses() throws Exception {
        zone.mx("a.example", 10, "mx.example");
        zone.address("mx.example", "192.0.2.1").address("mx.example", "2001:db8::1");

        assertThat(hosts("a.example"))
                .containsExactlyInAnyOrder(
                        "mx.example[192.0.2.1]:25", "mx.example[2001:db8:0:0:0:0:0:1]:25");
    }

    @Test
    void takesTheDomainItselfWhereItHasNoExchanger() throws Exception {
        zone.address("a.example", "192.0.2.1");

        assertThat(hosts("a.example")).containsExactly("a.example[192.0.2.1]:25");
    }

    @Test
    void takesAnAddressLiteralAsItIs() throws Exception {
        assertThat(hosts("[192.0.2.7]")).containsExactly("[192.0.2.7]:25");
    }

    @Test
    void failsWhereTheDomainDoesNotExist() throws Exception {
        assertThat(nowhere("no.example")).isEqualTo("550 5.1.2");
    }

    @Test
    void failsWhereTheDomainTakesNoMail() throws Exception {
        zone.mx("a.example", 0, "");

        assertThat(nowhere("a.example")).isEqualTo("556 5.1.10");
    }

    @Test
    void failsWhereNoHostHasAnAddress() throws Exception {
        zone.mx("a.example", 10, "gone.example");

        assertThat(nowhere("a.example")).isEqualTo("550 5.4.4");
    }

    @Test
    void waitsWhereTheDnsDoesNotAnswer() throws Exception {
        broken("a.example");
        broken("mx.b.example");
        zone.mx("b.example", 10, "mx.b.example");

        assertThat(nowhere("a.example")).isEqualTo("451 4.4.3");
        assertThat(nowhere("b.example")).isEqualTo("451 4.4.3");
    }

    @Test
    void goesOnWithTheNextHostWhereTheDnsDoesNotAnswerAboutOne() throws Exception {
        broken("broken.example");
        zone.mx("a.example", 10, "broken.example");
        zone.mx("a.example", 20, "mx.example").address("mx.example", "192.0.2.1");

        assertThat(hosts("a.example")).containsExactly("mx.example[192.0.2.1]:25");
    }

    @Test
    void sendsOnlyToHostsThatArePreferredToUs() throws Exception {
        zone.mx("a.example", 10, "one.example").address("one.example", "192.0.2.1");
        zone.mx("a.example", 20, "two.example").address("two.example", "192.0.2.2");
        zone.mx("a.example", 20, "US.example").address("US.example", "192.0.2.3");
        zone.mx("a.example", 30, "three.example").address("three.example", "192.0.2.4");

        assertThat(hosts("a.example")).containsExactly("one.example[192.0.2.1]:25");
    }

    @Test
    void knowsItselfByItsAddressToo() throws Exception {
        zone.mx("a.example", 10, "one.example").address("one.example", "192.0.2.1");
        zone.mx("a.example", 20, "two.example").address("two.example", "192.0.2.2");
        zone.mx("a.example", 20, "alias.example").address("alias.example", "192.0.2.99");

        for (int seed = 0; seed < 10; seed++) {
            assertThat(hosts("a.example", seed)).containsExactly("one.example[192.0.2.1]:25");
        }
    }

    @Test
    void failsWhereMailWouldLoopBack() throws Exception {
        zone.mx("a.example", 10, "us.example");
        zone.address("b.example", "192.0.2.99");

        assertThat(nowhere("a.example")).isEqualTo("550 5.4.6");
        assertThat(nowhere("b.example")).isEqualTo("550 5.4.6");
        assertThat(nowhere("[192.0.2.99]")).isEqualTo("550 5.4.6");
    }

    @Test
    void triesABoundedNumberOfAddresses() throws Exception {
        for (int i = 0; i < 100; i++) {
            zone.mx("a.example", i, "mx" + i + ".example");
            zone.address("mx" + i + ".example", "192.0.2." + i);
        }

        assertThat(hosts("a.example")).hasSize(5).first().isEqualTo("mx0.example[192.0.2.0]:25");
    }

    @Test
    void waitsWhereARoutesServerIsNotToBeFound() throws Exception {
        var found = targets(1).ofServers(SITE, List.of(new HostPort("typo.example", 25)));

        assertThat(((Targets.Nowhere) found).reply().toString()).startsWith("451 4.3.5");
    }

    @Test
    void waitsWhereARouteLeadsBack() throws Exception {
        var found = targets(1).ofServers(SITE, List.of(new HostPort("192.0.2.99", 25)));

        assertThat(((Targets.Nowhere) found).reply().toString()).startsWith("451 4.3.5");
    }

    private SiteName site(String domain) throws InterruptedException {
        return ((Targets.Hosts) targets(1).ofDomain(Domain.parse(domain))).site();
    }

    @Test
    void domainsWithTheSameExchangersAreOneSite() throws Exception {
        zone.address("one.example", "192.0.2.1").address("two.example", "192.0.2.2");
        zone.mx("a.example", 10, "one.example").mx("a.example", 20, "two.example");
        zone.mx("b.example", 5, "TWO.example").mx("b.example", 5, "one.example");
        zone.mx("c.example", 10, "one.example");

        assertThat(site("a.example")).hasToString("one.example,two.example");
        assertThat(site("b.example")).isEqualTo(site("a.example"));
        assertThat(site("c.example")).isNotEqualTo(site("a.example"));
    }

    @Test
    void exchangersBehindUsAreNotOfTheSite() throws Exception {
        zone.address("one.example", "192.0.2.1").address("last.example", "192.0.2.3");
        zone.mx("a.example", 10, "one.example");
        zone.mx("a.example", 20, "us.example").mx("a.example", 30, "last.example");

        assertThat(site("a.example")).hasToString("one.example");
    }
}
