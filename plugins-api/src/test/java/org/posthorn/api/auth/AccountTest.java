package org.posthorn.api.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.posthorn.api.mail.Mailbox;

import java.nio.ByteBuffer;
import java.util.List;

class AccountTest {
    /// The password is `pencil` (RFC 7677 §3).
    private static final String RECORD =
            "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY="
                    + ":wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=";

    private static final String OLD_RECORD =
            "SCRAM-SHA-1$4096:QSXCR+Q6sek8bf92$6dlGYMOdZcOPutkcNY8U2g7vK9Y="
                    + ":D+CSWLOshSulAsxiupA+qs2/fTE=";

    private static final String CERTIFICATE =
            "CERTIFICATE-SHA-256$"
                    + "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    @Test
    void isALineOfNameRecordsAndAddresses() {
        String line = "mona " + RECORD + " " + OLD_RECORD + " mona@example.org *@lists.example.org";
        Account account = Account.parse(line);
        assertThat(account.line()).isEqualTo(line);
        assertThat(account.identity().name()).isEqualTo("mona");
        assertThat(account.record(ScramHash.SHA_256).orElseThrow().iterations()).isEqualTo(4096);
        assertThat(account.record(ScramHash.SHA_1)).isPresent();
    }

    @Test
    void maySendAsItsNameWhenThatIsAMailboxAndTheLineHasNoOther() {
        Account account = Account.parse("mona@example.org " + RECORD);
        assertThat(account.identity().maySendAs(Mailbox.parse("Mona@example.org"))).isTrue();
        assertThat(account.identity().maySendAs(Mailbox.parse("leo@example.org"))).isFalse();
    }

    @Test
    void maySendAsTheAddressesOfItsLineOnly() {
        Account account = Account.parse("mona@example.org " + RECORD + " *@lists.example.org");
        assertThat(account.identity().maySendAs(Mailbox.parse("mona@example.org"))).isFalse();
        assertThat(account.identity().maySendAs(Mailbox.parse("any@lists.example.org"))).isTrue();
        assertThat(account.identity().maySendAs(Mailbox.parse("any@sub.lists.example.org")))
                .isFalse();
    }

    @Test
    void maySendAsAnyoneWhereTheLineSaysSo() {
        Account account = Account.parse("robot " + RECORD + " *");
        assertThat(account.identity().maySendAs(Mailbox.parse("who@ever.example"))).isTrue();
    }

    @Test
    void mayHaveCertificatesInPlaceOfRecords() {
        String colons = "AB:" + "0C:".repeat(30) + "FF";
        Account account = Account.parse("robot CERTIFICATE-SHA-256$" + colons + " *@example.org");
        assertThat(account.records()).isEmpty();
        assertThat(account.certificates())
                .containsExactly(new Fingerprint("ab" + "0c".repeat(30) + "ff"));
        assertThat(account.line())
                .isEqualTo("robot CERTIFICATE-SHA-256$ab" + "0c".repeat(30) + "ff *@example.org");
        assertThat(Account.parse(account.line())).isEqualTo(account);
    }

    @Test
    void saysWhatAFingerprintIs() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Account.parse("robot CERTIFICATE-SHA-256$" + "0c".repeat(20)))
                .withMessageStartingWith("a fingerprint is the SHA-256 of a certificate: 64 hex");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "mona",
                "mona mona@example.org",
                "mona SCRAM-SHA-256$x",
                "mona SCRAM-SHA-512$4096:W22ZaJ0SNY7soEsUEjb6gQ==$YWE=:YWE=",
                "mona SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$YWE=:YWE=",
                "mona " + RECORD + " " + RECORD,
                "mona " + RECORD + " not-an-address",
                "mona " + RECORD + " *@",
                "#mona " + RECORD,
                "mona " + CERTIFICATE + " " + CERTIFICATE,
                "mona " + CERTIFICATE + "0",
                "mona CERTIFICATE-SHA-1$0123456789abcdef0123456789abcdef01234567"
            })
    void refusesALineThatIsNoAccount(String line) {
        assertThatIllegalArgumentException().isThrownBy(() -> Account.parse(line));
    }

    @Test
    void refusesTooFewIterations() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Account.parse("mona " + RECORD.replace("4096", "4095")))
                .withMessage("iterations are 4096 to 10000000, not 4095");
    }

    @Test
    void keepsItsKeysOutOfLogs() {
        assertThat(Account.parse("mona " + RECORD).toString()).doesNotContain("WG5d8oPm");
    }

    @Property
    void readsTheRecordsThatItWrites(
            @ForAll @IntRange(min = 4096, max = 10_000_000) int iterations,
            @ForAll @Size(min = 8, max = 64) byte[] salt,
            @ForAll @Size(32) byte[] stored,
            @ForAll @Size(32) byte[] server,
            @ForAll @Size(32) byte[] certificate) {
        ScramRecord record =
                new ScramRecord(
                        ScramHash.SHA_256,
                        iterations,
                        ByteBuffer.wrap(salt),
                        ByteBuffer.wrap(stored),
                        ByteBuffer.wrap(server));
        Account account =
                new Account(
                        new Identity("mona", List.of(SenderPattern.parse("*@example.org"))),
                        List.of(record),
                        List.of(Fingerprint.of(certificate)));
        assertThat(Account.parse(account.line())).isEqualTo(account);
    }

    @Property
    void isReadOrRefusedWhateverTheLine(@ForAll String text) {
        try {
            assertThat(Account.parse(text).line()).isNotEmpty();
        } catch (IllegalArgumentException e) {
            assertThat(e).hasMessageNotContaining("null");
        }
    }
}
