package org.posthorn.plugin.authfile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.posthorn.api.auth.Accounts;
import org.posthorn.api.auth.AuthAnswer;
import org.posthorn.api.auth.Certificates;
import org.posthorn.api.config.Help;
import org.posthorn.api.mail.Mailbox;
import org.posthorn.api.plugin.Session.ClientCertificate;
import org.posthorn.testkit.Connection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;

class FileAccountsTest {
    private static final Logger LOG = LoggerFactory.getLogger(FileAccountsTest.class);
    private static final String RECORD =
            "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY="
                    + ":wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=";

    private static final String CERTIFICATE = "CERTIFICATE-SHA-256$";

    @TempDir private Path directory;
    private Path file;

    @BeforeEach
    void nameTheFile() {
        file = directory.resolve("users");
    }

    @Test
    void findsTheAccountsOfItsFile() throws IOException {
        write("# users\n\nmona@example.org " + RECORD + "\nleo " + RECORD + " *@example.org\n");
        FileAccounts accounts = new FileAccounts(file, LOG);
        assertThat(find(accounts, "leo"))
                .isInstanceOfSatisfying(
                        Accounts.Lookup.Found.class,
                        it ->
                                assertThat(
                                                it.account()
                                                        .identity()
                                                        .maySendAs(Mailbox.parse("x@example.org")))
                                        .isTrue());
        assertThat(find(accounts, "mona@example.org")).isInstanceOf(Accounts.Lookup.Found.class);
        assertThat(find(accounts, "Leo")).isEqualTo(Accounts.Lookup.UNKNOWN);
        assertThat(find(accounts, "ida")).isEqualTo(Accounts.Lookup.UNKNOWN);
    }

    @Test
    void namesEveryWrongLineAndNoKey() throws IOException {
        write("mona\nleo " + RECORD + "\nleo " + RECORD + "\nida " + RECORD + " nowhere\n");
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> new FileAccounts(file, LOG))
                .withMessageContaining("users:1: an account is a name, a record")
                .withMessageContaining("users:3: there is an account leo already")
                .withMessageContaining("users:4: a mailbox is local-part@domain")
                .satisfies(it -> assertThat(it.getMessage()).doesNotContain("WG5d8oPm"));
    }

    @Test
    void knowsACertificateByItsFingerprintWhoeverVouchesForIt() throws IOException {
        write("mona " + RECORD + "\nrobot " + CERTIFICATE + "ab".repeat(32) + " *@example.org\n");
        Certificates certificates = new FileAccounts(file, LOG).certificates();
        assertThat(certificates.verifiedOnly()).isFalse();
        assertThat(check(certificates, "ab".repeat(32), Optional.empty()))
                .isInstanceOfSatisfying(
                        AuthAnswer.Identified.class,
                        it -> assertThat(it.identity().name()).isEqualTo("robot"));
        assertThat(check(certificates, "cd".repeat(32), Optional.empty()))
                .isEqualTo(AuthAnswer.REFUSED);
    }

    @Test
    void aCertificateIsNobodysElse() throws IOException {
        write("mona " + RECORD + "\nrobot " + CERTIFICATE + "ab".repeat(32) + "\n");
        Certificates certificates = new FileAccounts(file, LOG).certificates();
        assertThat(check(certificates, "ab".repeat(32), Optional.of("robot")))
                .isInstanceOf(AuthAnswer.Identified.class);
        assertThat(check(certificates, "ab".repeat(32), Optional.of("mona")))
                .isEqualTo(AuthAnswer.REFUSED);
        write("robot " + CERTIFICATE + "ab".repeat(32) + "\nmona " + CERTIFICATE + "AB".repeat(32));
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> new FileAccounts(file, LOG))
                .withMessageEndingWith(
                        "users:2: the certificate "
                                + "ab".repeat(32)
                                + " is that of robot already");
    }

    private static AuthAnswer check(
            Certificates certificates, String sha256, Optional<String> name) {
        return certificates.check(
                Connection.from("192.0.2.1"),
                new ClientCertificate("CN=any", List.of(), sha256, false),
                name);
    }

    @Test
    void goesByAFileThatChanges() throws IOException {
        FileAccounts accounts = new FileAccounts(file, LOG);
        assertThat(find(accounts, "mona")).isEqualTo(Accounts.Lookup.UNKNOWN);
        write("mona " + RECORD + "\n");
        assertThat(find(accounts, "mona")).isInstanceOf(Accounts.Lookup.Found.class);
        write("leo  " + RECORD + "\n");
        assertThat(find(accounts, "mona")).isEqualTo(Accounts.Lookup.UNKNOWN);
        assertThat(find(accounts, "leo")).isInstanceOf(Accounts.Lookup.Found.class);
        Files.delete(file);
        assertThat(find(accounts, "leo")).isEqualTo(Accounts.Lookup.UNKNOWN);
    }

    @Test
    void keepsWhatItKnowsWhileAFileIsWrong() throws IOException {
        write("mona " + RECORD + "\n");
        FileAccounts accounts = new FileAccounts(file, LOG);
        write("mona is gone\n");
        assertThat(find(accounts, "mona")).isInstanceOf(Accounts.Lookup.Found.class);
        write("leo " + RECORD + "\n");
        assertThat(find(accounts, "mona")).isEqualTo(Accounts.Lookup.UNKNOWN);
    }

    @Test
    void pretendsTheIterationsThatMostRecordsHave() throws IOException {
        String dear = RECORD.replace("4096", "65536");
        write("a " + dear + "\nb " + dear + "\nc " + RECORD + "\n");
        assertThat(new FileAccounts(file, LOG).iterations()).isEqualTo(65_536);
    }

    @Test
    void everySettingIsExplainedOnItsPage() throws IOException {
        String page = Files.readString(Path.of("../../docs/plugins/auth-file.md"));
        for (RecordComponent setting : AuthFileSettings.class.getRecordComponents()) {
            assertThat(page)
                    .contains("| `" + setting.getName() + "` | ")
                    .contains(" | " + setting.getAnnotation(Help.class).value() + " |\n");
        }
    }

    /// As `posthorn user` does: another file takes the place of the first.
    private void write(String text) throws IOException {
        Path next = Files.writeString(directory.resolve("users.new"), text);
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private static Accounts.Lookup find(Accounts accounts, String name) {
        return accounts.find(Connection.from("192.0.2.1"), name);
    }
}
