package org.posthorn.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.posthorn.api.dns.DnsAnswer;
import org.posthorn.api.dns.DnsRecord;
import org.posthorn.api.dns.DnsRecord.Tlsa;
import org.posthorn.api.dns.RecordType;
import org.posthorn.api.dns.Resolver;
import org.posthorn.delivery.TlsPolicy.Source;
import org.posthorn.delivery.TlsWish.Sender;
import org.posthorn.testkit.InMemoryDns;
import org.posthorn.testkit.ManualClock;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// What is demanded of sessions with `mx.a.example`, the exchanger of `a.example`.
class TlsPoliciesTest {
    private static final Tlsa RECORD = new Tlsa(3, 1, 1, "ab".repeat(32));
    private static final String SERVICE = "_25._tcp.mx.a.example";
    private static final Target TARGET =
            new Target(
                    "mx.a.example", new InetSocketAddress(InetAddress.ofLiteral("192.0.2.1"), 25));

    private final ManualClock clock = ManualClock.atNoon();
    private final InMemoryDns dns = new InMemoryDns();
    private final TlsMemory memory =
            new TlsMemory(JournalMap.inMemory(10), Duration.ofDays(30), clock);
    private String policy = "";

    @BeforeEach
    void publish() {
        dns.mx("a.example", 10, "mx.a.example")
                .signed("a.example", RecordType.MX)
                .address("mx.a.example", "192.0.2.1")
                .signed("mx.a.example", RecordType.A);
    }

    private void sts(String mode, String exchanger) {
        policy = "version: STSv1\nmode: %s\nmx: %s\nmax_age: 86400\n".formatted(mode, exchanger);
        dns.txt("_mta-sts.a.example", "v=STSv1; id=1;");
    }

    private void tlsa(Tlsa... records) {
        for (Tlsa record : records) {
            dns.tlsa(SERVICE, record);
        }
        dns.signed(SERVICE, RecordType.TLSA);
    }

    private TlsPolicy of(TlsLevel level, Sender sender, Optional<String> domain)
            throws InterruptedException {
        var sts = new StsPolicies(dns, _ -> policy, JournalMap.inMemory(10), clock);
        return new TlsPolicies(new DaneLookup(dns), Optional.of(sts), memory)
                .of(
                        new TlsWish(
                                domain,
                                level,
                                level == TlsLevel.FINGERPRINT
                                        ? List.of(new Fingerprint("00".repeat(32)))
                                        : List.of(),
                                sender),
                        TARGET);
    }

    private List<String> demands(TlsLevel level, Sender sender) throws InterruptedException {
        return words(of(level, sender, Optional.of("a.example")));
    }

    private List<String> demands(TlsLevel level) throws InterruptedException {
        return demands(level, Sender.INDIFFERENT);
    }

    private static List<String> words(TlsPolicy policy) {
        return policy.demands().stream()
                .map(it -> it.source() + ": " + it.proof().words())
                .toList();
    }

    @Test
    void nothingIsDemandedWhereNobodyAsks() throws Exception {
        TlsPolicy may = of(TlsLevel.MAY, Sender.INDIFFERENT, Optional.of("a.example"));
        assertThat(may.tls()).isTrue();
        assertThat(may.mayBeClear()).isTrue();
        assertThat(of(TlsLevel.NONE, Sender.INDIFFERENT, Optional.of("a.example")).tls()).isFalse();
    }

    @Test
    void aRouteAsksForItself() throws Exception {
        assertThat(demands(TlsLevel.ENCRYPT)).containsExactly("ROUTE: any certificate");
        assertThat(demands(TlsLevel.VERIFY))
                .containsExactly("ROUTE: a trusted certificate for mx.a.example");
        assertThat(demands(TlsLevel.FINGERPRINT))
                .containsExactly("ROUTE: a certificate or key with one of 1 fingerprints");
        assertThat(demands(TlsLevel.DANE))
                .containsExactly("ROUTE: not at all: there is no TLSA for it");
    }

    @ParameterizedTest
    @EnumSource(names = {"MAY", "ENCRYPT", "DANE"})
    void daneCountsWhereDnssecVouchesForAllOfIt(TlsLevel level) throws Exception {
        tlsa(RECORD);
        assertThat(demands(level)).contains("DANE: a certificate that matches TLSA at " + SERVICE);
    }

    @ParameterizedTest
    @EnumSource(names = {"NONE", "VERIFY", "FINGERPRINT"})
    void daneDoesNotCountWhereAnOperatorHasDecided(TlsLevel level) throws Exception {
        tlsa(RECORD);
        assertThat(demands(level)).noneMatch(it -> it.startsWith("DANE"));
    }

    @Test
    void daneDoesNotCountWhereTheExchangersOrTheirAddressesOrTheRecordsAreUnsigned()
            throws Exception {
        dns.tlsa(SERVICE, RECORD);
        assertThat(demands(TlsLevel.MAY)).isEmpty();
        tlsa(RECORD);
        dns.answer(
                "mx.a.example",
                RecordType.A,
                new DnsAnswer.Found(
                        "mx.a.example",
                        List.of(new DnsRecord.Address(InetAddress.ofLiteral("192.0.2.1"))),
                        false));
        assertThat(demands(TlsLevel.MAY)).isEmpty();
        dns.signed("mx.a.example", RecordType.A);
        assertThat(demands(TlsLevel.MAY)).isNotEmpty();
        dns.answer(
                "a.example",
                RecordType.MX,
                new DnsAnswer.Found(
                        "a.example", List.of(new DnsRecord.Mx(10, "mx.a.example")), false));
        assertThat(demands(TlsLevel.MAY)).isEmpty();
        assertThat(demands(TlsLevel.DANE))
                .containsExactly(
                        "ROUTE: not at all: no DNSSEC vouches for the MX records of a.example");
    }

    @Test
    void daneDoesNotCountForAHostThatTheSignedRecordsDoNotName() throws Exception {
        tlsa(RECORD);
        dns.answer(
                "a.example",
                RecordType.MX,
                new DnsAnswer.Found(
                        "a.example", List.of(new DnsRecord.Mx(10, "other.example")), true));
        assertThat(demands(TlsLevel.MAY)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {SERVICE, "mx.a.example", "a.example"})
    void nothingIsSentWhereItCannotBeTold(String name) throws Exception {
        tlsa(RECORD);
        RecordType type =
                name.equals(SERVICE)
                        ? RecordType.TLSA
                        : name.equals("a.example") ? RecordType.MX : RecordType.A;
        dns.answer(name, type, new DnsAnswer.Failed("SERVFAIL from 192.0.2.53:53"));
        TlsPolicy policy = of(TlsLevel.MAY, Sender.INDIFFERENT, Optional.of("a.example"));
        assertThat(policy.refusal(clock.instant()).orElseThrow().toString())
                .startsWith("454 4.7.10 Not sent: the DNS does not answer about")
                .contains(name)
                .endsWith("and DANE asks for it");
    }

    @ParameterizedTest
    @EnumSource(names = {"A", "AAAA"})
    void anUnsignedAddressTellsEnoughWhereTheOtherTypeFails(RecordType failing) throws Exception {
        DnsRecord address = new DnsRecord.Address(InetAddress.ofLiteral("192.0.2.1"));
        for (RecordType type : List.of(RecordType.A, RecordType.AAAA)) {
            dns.answer(
                    "mx.a.example",
                    type,
                    type == failing
                            ? new DnsAnswer.Failed("SERVFAIL")
                            : new DnsAnswer.Found("mx.a.example", List.of(address), false));
        }
        tlsa(RECORD);
        assertThat(demands(TlsLevel.MAY)).isEmpty();
        assertThat(words(of(TlsLevel.MAY, Sender.INDIFFERENT, Optional.empty()))).isEmpty();
    }

    @Test
    void aSignedAddressCountsWhereTheOtherTypeFails() throws Exception {
        dns.answer("mx.a.example", RecordType.AAAA, new DnsAnswer.Failed("SERVFAIL"));
        tlsa(RECORD);
        assertThat(demands(TlsLevel.MAY))
                .containsExactly("DANE: a certificate that matches TLSA at " + SERVICE);
    }

    @ParameterizedTest
    @EnumSource(names = {"A", "AAAA"})
    void nothingIsSentWhereOneTypeHasNoAddressAndTheOtherFails(RecordType failing)
            throws Exception {
        dns.answer("mx.a.example", RecordType.A, new DnsAnswer.NoRecords())
                .answer("mx.a.example", failing, new DnsAnswer.Failed("SERVFAIL"));
        assertThat(of(TlsLevel.MAY, Sender.INDIFFERENT, Optional.empty()).refusal(clock.instant()))
                .isPresent();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void noMailWaitsForDaneWhereNobodyIsTrustedToVouch(boolean trusted) throws Exception {
        dns.answer("mx.a.example", RecordType.A, new DnsAnswer.Failed("SERVFAIL"));
        var resolver =
                new Resolver() {
                    @Override
                    public DnsAnswer lookup(String name, RecordType type) {
                        return dns.lookup(name, type);
                    }

                    @Override
                    public boolean vouches() {
                        return trusted;
                    }
                };
        DaneLookup.Found found = new DaneLookup(resolver).of(Optional.of("a.example"), TARGET);
        assertThat(found)
                .isInstanceOf(trusted ? DaneLookup.Failed.class : DaneLookup.Unsigned.class);
    }

    @Test
    void recordsThatCannotBeUsedMeanTlsWhateverTheCertificate() throws Exception {
        tlsa(new Tlsa(1, 1, 1, "ab".repeat(32)));
        assertThat(demands(TlsLevel.MAY)).containsExactly("DANE: any certificate");
        assertThat(demands(TlsLevel.DANE))
                .containsExactly("DANE: not at all: no TLSA at " + SERVICE + " can be used");
    }

    @Test
    void recordsThatCannotBeUsedDoNotTakeThePlaceOfAnStsPolicy() throws Exception {
        tlsa(new Tlsa(1, 1, 1, "ab".repeat(32)));
        sts("enforce", "mx.a.example");
        assertThat(demands(TlsLevel.MAY))
                .containsExactly(
                        "DANE: any certificate", "STS: a trusted certificate for mx.a.example");
        assertThat(demands(TlsLevel.DANE))
                .containsExactly("DANE: not at all: no TLSA at " + SERVICE + " can be used");
    }

    @Test
    void aHostsAliasIsFollowedAndTheRecordsOfEitherNameCount() throws Exception {
        dns.answer(
                "mx.a.example",
                RecordType.A,
                new DnsAnswer.Found(
                        "real.example",
                        List.of(new DnsRecord.Address(InetAddress.ofLiteral("192.0.2.1"))),
                        true));
        tlsa(RECORD);
        assertThat(of(TlsLevel.MAY, Sender.INDIFFERENT, Optional.of("a.example")).serverName())
                .isEqualTo("mx.a.example");
        dns.tlsa("_25._tcp.real.example", RECORD).signed("_25._tcp.real.example", RecordType.TLSA);
        TlsPolicy policy = of(TlsLevel.MAY, Sender.INDIFFERENT, Optional.of("a.example"));
        assertThat(policy.serverName()).isEqualTo("real.example");
        assertThat(((Proof.Vouched) policy.demands().getFirst().proof()).dane().names())
                .containsExactly("real.example", "mx.a.example", "a.example");
    }

    @Test
    void aSignedAliasIntoNowhereKeepsTheRecordsOfItsOwnName() throws Exception {
        dns.answer(
                "mx.a.example",
                RecordType.A,
                new DnsAnswer.Found(
                        "cloud.example",
                        List.of(new DnsRecord.Address(InetAddress.ofLiteral("192.0.2.1"))),
                        false));
        dns.tlsa("_25._tcp.cloud.example", RECORD)
                .signed("_25._tcp.cloud.example", RecordType.TLSA);
        tlsa(RECORD);
        assertThat(demands(TlsLevel.MAY)).isEmpty();
        dns.answer(
                "mx.a.example",
                RecordType.CNAME,
                new DnsAnswer.Found(
                        "mx.a.example", List.of(new DnsRecord.Cname("cloud.example")), true));
        assertThat(of(TlsLevel.MAY, Sender.INDIFFERENT, Optional.of("a.example")).serverName())
                .isEqualTo("mx.a.example");
    }

    @Test
    void aServerThatTheRouteNamesHasDaneAndNothingElse() throws Exception {
        sts("enforce", "other.example");
        memory.verified("a.example", "mx.a.example", "dane");
        assertThat(of(TlsLevel.MAY, Sender.INDIFFERENT, Optional.empty()).mayBeClear()).isTrue();
        tlsa(RECORD);
        assertThat(words(of(TlsLevel.MAY, Sender.INDIFFERENT, Optional.empty())))
                .containsExactly("DANE: a certificate that matches TLSA at " + SERVICE);
    }

    @Test
    void anStsPolicyIsObeyedWhereItIsEnforced() throws Exception {
        sts("enforce", "*.a.example");
        assertThat(demands(TlsLevel.MAY))
                .containsExactly("STS: a trusted certificate for mx.a.example");
    }

    @Test
    void anExchangerThatThePolicyDoesNotNameGetsNothing() throws Exception {
        sts("enforce", "other.example");
        TlsPolicy policy = of(TlsLevel.MAY, Sender.INDIFFERENT, Optional.of("a.example"));
        assertThat(policy.refusal(clock.instant()).orElseThrow().toString())
                .contains("mx.a.example is not an exchanger by MTA-STS")
                .contains("the MTA-STS policy of a.example asks for it");
    }

    @Test
    void aPolicyInTestingIsOnlyWatched() throws Exception {
        sts("testing", "other.example");
        TlsPolicy policy = of(TlsLevel.MAY, Sender.INDIFFERENT, Optional.of("a.example"));
        assertThat(policy.mayBeClear()).isTrue();
        assertThat(policy.remarks(Optional.empty(), clock.instant())).hasSize(1);
        sts("none", "other.example");
        assertThat(of(TlsLevel.MAY, Sender.INDIFFERENT, Optional.of("a.example")).watched())
                .isEmpty();
    }

    @Test
    void daneGoesBeforeSts() throws Exception {
        sts("enforce", "other.example");
        tlsa(RECORD);
        assertThat(demands(TlsLevel.MAY))
                .containsExactly("DANE: a certificate that matches TLSA at " + SERVICE);
    }

    @Test
    void whatADomainHadBeforeItMustHaveAgain() throws Exception {
        memory.verified("a.example", "mx.a.example", "certificate");
        assertThat(demands(TlsLevel.MAY))
                .containsExactly("MEMORY: a trusted certificate for mx.a.example");
        TlsPolicy policy = of(TlsLevel.MAY, Sender.INDIFFERENT, Optional.of("a.example"));
        assertThat(policy.objection(Optional.empty(), clock.instant()).orElseThrow().toString())
                .startsWith("454 4.7.10 Not sent: the server does not offer TLS, and a.example had")
                .contains("posthorn tls forget");
        clock.advance(Duration.ofDays(30));
        assertThat(demands(TlsLevel.MAY)).isEmpty();
    }

    @Test
    void aSenderMayPassOverAllThatTheRecipientsSideAsksFor() throws Exception {
        sts("enforce", "other.example");
        tlsa(RECORD);
        memory.verified("a.example", "mx.a.example", "dane");
        for (TlsLevel level :
                List.of(TlsLevel.MAY, TlsLevel.ENCRYPT, TlsLevel.VERIFY, TlsLevel.DANE)) {
            assertThat(demands(level, Sender.RELAXES)).isEmpty();
        }
        assertThat(words(of(TlsLevel.ENCRYPT, Sender.RELAXES, Optional.empty())))
                .containsExactly("ROUTE: any certificate");
    }

    @Test
    void aSenderMayRequireAProofAndANameThatIsVouchedFor() throws Exception {
        assertThat(demands(TlsLevel.NONE, Sender.REQUIRES))
                .containsExactly("SENDER: a trusted certificate for mx.a.example");
        dns.answer(
                "a.example",
                RecordType.MX,
                new DnsAnswer.Found(
                        "a.example", List.of(new DnsRecord.Mx(10, "mx.a.example")), false));
        assertThat(demands(TlsLevel.MAY, Sender.REQUIRES))
                .containsExactly(
                        "SENDER: a trusted certificate for mx.a.example",
                        "SENDER: not at all: neither DNSSEC nor MTA-STS vouches for the name of"
                                + " the server");
        sts("testing", "mx.a.example");
        assertThat(demands(TlsLevel.MAY, Sender.REQUIRES)).hasSize(1);
    }

    @Test
    void daneIsAProofThatSatisfiesASender() throws Exception {
        tlsa(RECORD);
        TlsPolicy policy = of(TlsLevel.VERIFY, Sender.REQUIRES, Optional.of("a.example"));
        assertThat(policy.demands())
                .extracting("source")
                .containsExactly(Source.ROUTE, Source.SENDER);
        assertThat(policy.demands().getLast().proof().words())
                .isEqualTo(
                        "a trusted certificate for mx.a.example or a certificate that matches"
                                + " TLSA at "
                                + SERVICE);
    }
}
