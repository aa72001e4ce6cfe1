package org.posthorn.plugin.authfile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.posthorn.api.auth.Accounts;
import org.posthorn.api.config.Help;
import org.posthorn.api.mail.Mailbox;
import org.posthorn.api.plugin.Session;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.Optional;

class FileAccountsTest {
    private static final Logger LOG = LoggerFactory.getLogger(FileAccountsTest.class);
    private static final String RECORD =
            "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY="
                    + ":wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=";

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
        return accounts.find(SESSION, name);
    }

    private static final Session SESSION = new Nobody();

    private record Nobody() implements Session {
        @Override
        public String id() {
            return "s";
        }

        @Override
        public InetSocketAddress client() {
            return new InetSocketAddress("127.0.0.1", 1);
        }

        @Override
        public InetSocketAddress local() {
            return client();
        }

        @Override
        public String listener() {
            return "submission";
        }

        @Override
        public Instant since() {
            return Instant.EPOCH;
        }

        @Override
        public Optional<String> helo() {
            return Optional.empty();
        }

        @Override
        public boolean extended() {
            return true;
        }

        @Override
        public Optional<Tls> tls() {
            return Optional.empty();
        }
    }
}
