package org.posthorn.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.posthorn.api.dns.DnsRecord.Tlsa;
import org.posthorn.smtp.client.TlsFacts;

import java.nio.file.Path;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/// RFC 6698 §2.1, RFC 7671 §5 and §9, RFC 7672 §3.
class DaneTest {
    private static CertificateChain chain;
    private static CertificateChain other;
    private static CertificateChain old;

    @BeforeAll
    static void certify(@TempDir Path directory) throws Exception {
        chain = CertificateChain.of("mx.example", directory);
        other = CertificateChain.of("other.example", directory);
        old = CertificateChain.of("old.example", directory);
    }

    private static Tlsa tlsa(int usage, int selector, int matching, X509Certificate certificate)
            throws CertificateEncodingException {
        byte[] part =
                selector == 0 ? certificate.getEncoded() : certificate.getPublicKey().getEncoded();
        return new Tlsa(
                usage,
                selector,
                matching,
                switch (matching) {
                    case 0 -> HexFormat.of().formatHex(part);
                    case 1 -> Fingerprint.digest("SHA-256", part);
                    default -> Fingerprint.digest("SHA-512", part);
                });
    }

    private static Optional<String> objection(
            CertificateChain shown, Instant now, Tlsa... records) {
        return new Dane("_25._tcp.mx.example", List.of(records), List.of("mx.example"))
                .objection(shown.facts(), now);
    }

    private static Optional<String> objection(CertificateChain shown, Tlsa... records) {
        return objection(shown, Instant.now(), records);
    }

    @ParameterizedTest
    @CsvSource({"0,0", "0,1", "0,2", "1,0", "1,1", "1,2"})
    void theServersOwnCertificateOrKeyIsComparedInEveryWay(int selector, int matching)
            throws Exception {
        Tlsa record = tlsa(3, selector, matching, chain.own());
        assertThat(Dane.usable(List.of(record))).containsExactly(record);
        assertThat(objection(chain, record)).isEmpty();
        assertThat(objection(other, record))
                .contains("its certificate does not match TLSA at _25._tcp.mx.example");
    }

    @ParameterizedTest
    @CsvSource({"0,0", "0,1", "0,2", "1,0", "1,1", "1,2"})
    void anAuthorityVouchesForTheNameAsWell(int selector, int matching) throws Exception {
        Tlsa record = tlsa(2, selector, matching, chain.authority());
        assertThat(objection(chain, record)).isEmpty();
        assertThat(objection(other, record)).isPresent();
        assertThat(objection(other, tlsa(2, selector, matching, other.authority())))
                .contains("its certificate is not for mx.example");
    }

    @Test
    void anAuthorityNeedNotBeShownWhereTheDnsHasItWhole() throws Exception {
        var own = new TlsFacts("", "", List.of(chain.own()), Optional.empty());
        for (int matching : List.of(0, 1)) {
            Tlsa record = tlsa(2, 0, matching, chain.authority());
            assertThat(
                            new Dane("x", List.of(record), List.of("mx.example"))
                                    .objection(own, Instant.now())
                                    .isEmpty())
                    .isEqualTo(matching == 0);
        }
    }

    @Test
    void anAuthorityThatIsOnlyShownDoesNotVouch() throws Exception {
        var mixed = new TlsFacts("", "", List.of(other.own(), chain.authority()), Optional.empty());
        assertThat(
                        new Dane(
                                        "x",
                                        List.of(tlsa(2, 0, 1, chain.authority())),
                                        List.of("other.example"))
                                .objection(mixed, Instant.now()))
                .contains("its certificate is not by the authority of TLSA at x");
    }

    @Test
    void theNameAndTheDatesMatterWithAnAuthorityOnly() throws Exception {
        Instant late = Instant.now().plus(Duration.ofDays(10_000));
        assertThat(objection(other, late, tlsa(3, 1, 1, other.own()))).isEmpty();
        assertThat(objection(chain, late, tlsa(2, 1, 1, chain.authority()))).isPresent();
    }

    @Test
    void aCertificateWithoutAlternativeNamesIsForItsCommonName() throws Exception {
        Tlsa record = tlsa(2, 1, 1, old.authority());
        assertThat(
                        new Dane("x", List.of(record), List.of("mx.example", "old.example"))
                                .objection(old.facts(), Instant.now()))
                .isEmpty();
        assertThat(
                        new Dane("x", List.of(record), List.of("mx.example"))
                                .objection(old.facts(), Instant.now()))
                .contains("its certificate is not for mx.example");
    }

    @Test
    void anyOfSeveralRecordsWillDo() throws Exception {
        assertThat(
                        objection(
                                chain,
                                tlsa(3, 1, 1, other.own()),
                                tlsa(2, 0, 1, other.authority()),
                                tlsa(3, 0, 1, chain.own())))
                .isEmpty();
    }

    @Test
    void ofTwoDigestsTheBetterCounts() throws Exception {
        Tlsa weak = tlsa(3, 1, 1, chain.own());
        Tlsa strong = tlsa(3, 1, 2, other.own());
        Tlsa elsewhere = tlsa(3, 0, 1, chain.own());
        assertThat(Dane.usable(List.of(weak, strong, elsewhere)))
                .containsExactly(strong, elsewhere);
    }

    @ParameterizedTest
    @CsvSource({
        "0,1,1,64",
        "1,1,1,64",
        "4,1,1,64",
        "255,1,1,64",
        "3,2,1,64",
        "3,1,3,64",
        "3,1,1,62",
        "3,1,2,64",
        "3,0,0,0"
    })
    void recordsThatAreNotForMailOrNotSoundAreOfNoUse(
            int usage, int selector, int matching, int digits) {
        assertThat(Dane.usable(List.of(new Tlsa(usage, selector, matching, "a".repeat(digits)))))
                .isEmpty();
    }

    @Property(tries = 300)
    void noRecordIsTooStrange(
            @ForAll @IntRange(min = 0, max = 255) int usage,
            @ForAll @IntRange(min = 0, max = 2) int selector,
            @ForAll @IntRange(min = 0, max = 3) int matching,
            @ForAll byte[] association) {
        Tlsa record = new Tlsa(usage, selector, matching, HexFormat.of().formatHex(association));
        assertThat(Dane.usable(List.of(record)))
                .allMatch(it -> (it.usage() == 2 || it.usage() == 3) && it.selector() < 2);
    }

    @Test
    void whatIsNoCertificateMatchesNone() {
        for (int usage : List.of(2, 3)) {
            assertThat(objection(chain, new Tlsa(usage, 0, 0, "00ff"))).isPresent();
        }
    }
}
