package org.posthorn.server.command;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.posthorn.api.auth.Account;
import org.posthorn.api.auth.ScramHash;
import org.posthorn.smtp.sasl.Scram;

import picocli.CommandLine;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

class UserCommandTest {
    private static final String PEM = "../testkit/src/test/resources/tls/client.pem";

    /// What `openssl x509 -noout -fingerprint -sha256` says of that.
    private static final String SHA_256 =
            "a98941a3f35bc00b8ebfc28e9040322e6e55bbf4246e994e30a9b8eb5f0bdbcf";

    @TempDir private Path directory;
    private Path file;
    private String out;
    private String err;

    @BeforeEach
    void nameTheFile() {
        file = directory.resolve("users");
    }

    @Test
    void addsAnAccountThatOnlyItsOwnerMayRead() throws IOException {
        assertThat(run("pencil\n", "add", "mona@example.org", "--iterations", "4096")).isZero();
        Account account = Account.parse(Files.readString(file));
        assertThat(account.identity().name()).isEqualTo("mona@example.org");
        assertThat(account.identity().senders()).hasToString("[mona@example.org]");
        assertThat(Scram.verifies(account.record(ScramHash.SHA_256).orElseThrow(), "pencil"))
                .isTrue();
        assertThat(account.record(ScramHash.SHA_1)).isEmpty();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        assertThat(Files.readString(file)).doesNotContain("pencil");
    }

    @Test
    void keepsTwoRecordsAndSeveralAddressesWhereItIsTold() throws IOException {
        assertThat(
                        run(
                                "pencil\n",
                                "add",
                                "mona",
                                "--iterations=4096",
                                "--scram-sha-1",
                                "--address=mona@example.org",
                                "--address=*@lists.example.org"))
                .isZero();
        assertThat(run("", "list")).isZero();
        assertThat(out)
                .isEqualTo(
                        "mona SCRAM-SHA-256, SCRAM-SHA-1, may send as"
                                + " mona@example.org, *@lists.example.org\n");
        assertThat(run("", "list", "--json")).isZero();
        assertThat(out)
                .isEqualTo(
                        "{\"name\":\"mona\",\"mechanisms\":[\"SCRAM-SHA-256\",\"SCRAM-SHA-1\"],"
                                + "\"iterations\":4096,\"certificates\":[],"
                                + "\"addresses\":[\"mona@example.org\",\"*@lists.example.org\"]}\n");
    }

    @Test
    void changesAPasswordAndNothingElse() throws IOException {
        run("pencil\n", "add", "mona", "--iterations=4096", "--address=*");
        run("pencil\n", "add", "leo", "--iterations=4096");
        Files.writeString(file, "# ours\n" + Files.readString(file));
        assertThat(run("paper\n", "passwd", "mona", "--iterations=5000")).isZero();
        List<String> lines = Files.readAllLines(file);
        assertThat(lines).hasSize(3).first().isEqualTo("# ours");
        Account mona = Account.parse(lines.get(1));
        assertThat(mona.identity().senders()).hasToString("[*]");
        assertThat(Scram.verifies(mona.record(ScramHash.SHA_256).orElseThrow(), "paper")).isTrue();
        assertThat(mona.record(ScramHash.SHA_256).orElseThrow().iterations()).isEqualTo(5000);
    }

    @Test
    void aCertificateTakesThePlaceOfAPassword() throws Exception {
        String other = "CD".repeat(32);
        assertThat(run("", "add", "robot", "--certificate=" + PEM, "--address=*")).isZero();
        assertThat(Files.readString(file))
                .isEqualTo("robot CERTIFICATE-SHA-256$" + SHA_256 + " *\n");
        assertThat(run("pencil\n", "passwd", "robot", "--iterations=4096")).isZero();
        assertThat(run("", "certificate", "robot", other)).isZero();
        assertThat(run("", "certificate", "--remove", "robot", PEM)).isZero();
        assertThat(run("", "list", "--json")).isZero();
        assertThat(out)
                .isEqualTo(
                        "{\"name\":\"robot\",\"mechanisms\":[\"SCRAM-SHA-256\",\"EXTERNAL\"],"
                                + "\"iterations\":4096,\"certificates\":[\""
                                + "cd".repeat(32)
                                + "\"],\"addresses\":[\"*\"]}\n");
    }

    @Test
    void aCertificateIsThatOfOneAccount() throws Exception {
        run("", "add", "robot", "--certificate=" + PEM);
        String before = Files.readString(file);
        assertThat(run("", "add", "mona", "--certificate=" + SHA_256)).isEqualTo(1);
        assertThat(err).contains("the certificate " + SHA_256 + " is that of robot already");
        assertThat(run("", "certificate", "robot", PEM)).isEqualTo(1);
        assertThat(err).contains("is that of robot already");
        assertThat(run("", "certificate", "robot", "--remove", "ab".repeat(32))).isEqualTo(1);
        assertThat(err).contains("robot has no such certificate");
        assertThat(run("", "certificate", "robot", "--remove", PEM)).isEqualTo(1);
        assertThat(err).contains("nothing else is known of robot: posthorn user remove");
        assertThat(run("", "certificate", "mona", PEM)).isEqualTo(1);
        assertThat(err).contains("there is no account mona");
        assertThat(run("", "certificate", "robot", "nowhere.pem")).isEqualTo(1);
        assertThat(err)
                .contains("'nowhere.pem' is neither a fingerprint nor a file: a fingerprint is")
                .contains("openssl x509 -noout -fingerprint -sha256");
        assertThat(run("", "certificate", "robot", file.toString())).isEqualTo(1);
        assertThat(err).contains("users does not begin with a certificate (PEM or DER)");
        assertThat(Files.readString(file)).isEqualTo(before);
    }

    @Test
    void removesAnAccount() throws IOException {
        run("pencil\n", "add", "mona", "--iterations=4096");
        assertThat(run("", "remove", "mona")).isZero();
        assertThat(Files.readString(file)).isEmpty();
        assertThat(run("", "remove", "mona")).isEqualTo(1);
        assertThat(err).contains("there is no account mona");
    }

    @Test
    void saysWhatIsWrongAndChangesNothing() throws IOException {
        run("pencil\n", "add", "mona", "--iterations=4096");
        String before = Files.readString(file);
        assertThat(run("pencil\n", "add", "mona")).isEqualTo(1);
        assertThat(err).contains("there is an account mona already");
        assertThat(run("pencil\n", "passwd", "leo")).isEqualTo(1);
        assertThat(run("", "add", "leo")).isEqualTo(1);
        assertThat(err).contains("no password for leo on standard input");
        assertThat(run("\n", "add", "leo")).isEqualTo(1);
        assertThat(err).contains("the password is empty");
        assertThat(run("x\n", "add", "l e o")).isEqualTo(1);
        assertThat(err).contains("no blank");
        assertThat(run("x\n", "add", "leo", "--address=nowhere")).isEqualTo(1);
        assertThat(err).contains("'nowhere' is no address");
        assertThat(run("x\n", "add", "leo", "--iterations=10")).isEqualTo(1);
        assertThat(err).contains("--iterations is 4096 to 10000000, not 10");
        assertThat(Files.readString(file)).isEqualTo(before);
    }

    @Test
    void namesAWrongLine() throws IOException {
        Files.writeString(file, "\nmona\n");
        assertThat(run("", "list")).isEqualTo(1);
        assertThat(err).contains("users:2: an account is a name, a record");
    }

    private int run(String input, String... arguments) {
        var outText = new StringWriter();
        var errText = new StringWriter();
        var errors = new PrintWriter(errText);
        var password =
                Password.from(
                        null, new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)));
        var command = new UserCommand(new PrintWriter(outText), errors, password, new Random(1));
        List<String> all = new ArrayList<>(List.of(arguments));
        all.add("--file=" + file);
        int status =
                new CommandLine(command)
                        .setErr(errors)
                        .setExecutionExceptionHandler(
                                (failure, _, _) -> {
                                    errors.println(failure.getMessage());
                                    return 1;
                                })
                        .execute(all.toArray(String[]::new));
        errors.flush();
        out = outText.toString();
        err = errText.toString();
        return status;
    }
}
