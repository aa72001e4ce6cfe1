package org.posthorn.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.posthorn.api.dns.DnsAnswer;
import org.posthorn.api.dns.DnsRecord;
import org.posthorn.api.dns.RecordType;
import org.posthorn.testkit.ManualClock;

import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;

@Timeout(60)
class DnsResolverTest {
    private final ManualClock clock = ManualClock.atNoon();
    private NameServer server;
    private DnsResolver resolver;

    @BeforeEach
    void start() throws Exception {
        server = new NameServer();
        resolver = resolver(List.of(server.address()), 100);
    }

    @AfterEach
    void stop() throws Exception {
        server.close();
    }

    private DnsResolver resolver(List<String> servers, int cache) throws IOException {
        return new DnsResolver(new DnsConfig(servers, Duration.ofSeconds(5), cache), clock);
    }

    private static DnsRecord address(String literal) {
        return new DnsRecord.Address(InetAddress.ofLiteral(literal));
    }

    @Test
    void findsRecordsOfEveryType() throws Exception {
        server.add("a.example. 60 IN A 192.0.2.1")
                .add("a.example. 60 IN AAAA 2001:db8::1")
                .add("a.example. 60 IN MX 10 MX.a.example.")
                .add("a.example. 60 IN TXT \"one \" \"two\"")
                .add("1.2.0.192.in-addr.arpa. 60 IN PTR a.example.");

        assertThat(resolver.lookup("a.example", RecordType.A))
                .isEqualTo(new DnsAnswer.Found("a.example", List.of(address("192.0.2.1")), false));
        assertThat(resolver.lookup("A.EXAMPLE.", RecordType.AAAA))
                .isEqualTo(
                        new DnsAnswer.Found("a.example", List.of(address("2001:db8::1")), false));
        assertThat(resolver.lookup("a.example", RecordType.MX))
                .isEqualTo(
                        new DnsAnswer.Found(
                                "a.example", List.of(new DnsRecord.Mx(10, "mx.a.example")), false));
        assertThat(resolver.lookup("a.example", RecordType.TXT))
                .isEqualTo(
                        new DnsAnswer.Found(
                                "a.example", List.of(new DnsRecord.Txt("one two")), false));
        assertThat(resolver.lookup("1.2.0.192.in-addr.arpa", RecordType.PTR))
                .isEqualTo(
                        new DnsAnswer.Found(
                                "1.2.0.192.in-addr.arpa",
                                List.of(new DnsRecord.Ptr("a.example")),
                                false));
    }

    @Test
    void canVouchOnlyWhereAServerIsTrusted() throws Exception {
        assertThat(resolver.vouches()).isTrue();
        DnsConfig far = new DnsConfig(List.of("192.0.2.53"), Duration.ofSeconds(5), 0);
        assertThat(new DnsResolver(far, clock).vouches()).isFalse();
    }

    @Test
    void readsANullMxAsEmptyText() throws Exception {
        server.add("a.example. 60 IN MX 0 .");

        assertThat(resolver.lookup("a.example", RecordType.MX))
                .isEqualTo(
                        new DnsAnswer.Found("a.example", List.of(new DnsRecord.Mx(0, "")), false));
    }

    @Test
    void followsAliases() throws Exception {
        server.add("a.example. 60 IN CNAME b.example.").add("b.example. 60 IN A 192.0.2.1");

        assertThat(resolver.lookup("a.example", RecordType.A))
                .isEqualTo(new DnsAnswer.Found("b.example", List.of(address("192.0.2.1")), false));
    }

    @Test
    void givesUpOnAliasesInACircle() throws Exception {
        server.add("a.example. 60 IN CNAME b.example.").add("b.example. 60 IN CNAME a.example.");

        assertThat(resolver.lookup("a.example", RecordType.A)).isInstanceOf(DnsAnswer.Failed.class);
    }

    @Test
    void tellsNoRecordsFromNoName() throws Exception {
        server.add("a.example. 60 IN A 192.0.2.1");

        assertThat(resolver.lookup("a.example", RecordType.MX))
                .isEqualTo(new DnsAnswer.NoRecords());
        assertThat(resolver.lookup("b.example", RecordType.MX))
                .isEqualTo(new DnsAnswer.NoSuchName());
    }

    @Test
    void namesTheServerThatFailed() throws Exception {
        server.failing(true);

        assertThat(resolver.lookup("a.example", RecordType.A))
                .isEqualTo(new DnsAnswer.Failed("SERVFAIL from " + server.address()));
    }

    @Test
    void asksTheNextServerWhereOneFails() throws Exception {
        server.failing(true);
        try (NameServer other = new NameServer()) {
            other.add("a.example. 60 IN A 192.0.2.1");

            assertThat(
                            resolver(List.of(server.address(), other.address()), 100)
                                    .lookup("a.example", RecordType.A))
                    .isInstanceOf(DnsAnswer.Found.class);
        }
    }

    @Test
    void keepsAnAnswerAsLongAsItMay() throws Exception {
        server.add("a.example. 60 IN A 192.0.2.1");
        resolver.lookup("a.example", RecordType.A);
        resolver.lookup("a.example", RecordType.A);
        assertThat(server.questions()).isEqualTo(1);

        clock.advance(Duration.ofSeconds(60));
        resolver.lookup("a.example", RecordType.A);
        assertThat(server.questions()).isEqualTo(2);
    }

    @Test
    void keepsANoAsLongAsItMay() throws Exception {
        resolver.lookup("no.example", RecordType.A);
        clock.advance(Duration.ofSeconds(NameServer.NEGATIVE_SECONDS - 1));
        resolver.lookup("no.example", RecordType.A);
        assertThat(server.questions()).isEqualTo(1);

        clock.advance(Duration.ofSeconds(1));
        resolver.lookup("no.example", RecordType.A);
        assertThat(server.questions()).isEqualTo(2);
    }

    @Test
    void keepsABoundedNumberOfAnswers() throws Exception {
        DnsResolver small = resolver(List.of(server.address()), 2);
        for (String name : List.of("a.example", "b.example", "c.example", "a.example")) {
            small.lookup(name, RecordType.A);
        }

        assertThat(server.questions()).isEqualTo(4);
    }

    @Test
    void asksAgainByTcpWhereAnAnswerIsTooLong() throws Exception {
        for (int i = 0; i < 200; i++) {
            server.add("big.example. 60 IN A 192.0.2." + i);
        }

        assertThat(resolver.lookup("big.example", RecordType.A))
                .isInstanceOfSatisfying(
                        DnsAnswer.Found.class, found -> assertThat(found.records()).hasSize(200));
    }

    @Test
    void takesANameThatCannotBeForOneThatDoesNotExist() throws Exception {
        assertThat(resolver.lookup("x".repeat(64) + ".example", RecordType.A))
                .isEqualTo(new DnsAnswer.NoSuchName());
        assertThat(server.questions()).isZero();
    }
}
