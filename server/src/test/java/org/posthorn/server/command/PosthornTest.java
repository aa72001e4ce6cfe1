package org.posthorn.server.command;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.posthorn.server.TestHome;
import org.posthorn.server.assembly.Server;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.IntStream;

class PosthornTest {
    private static final String HOLD = "{ domains = [\"*\"], to = hold }";

    @TempDir private Path directory;
    private TestHome home;
    private String out;
    private String err;

    @BeforeEach
    void layOut() {
        home = TestHome.in(directory);
    }

    @Test
    void saysWhatItIs() {
        assertThat(run("version")).isZero();
        assertThat(out).matches("posthorn \\d+\\.\\d+\\.\\d+.*\n");
    }

    @Test
    void explainsItself() {
        assertThat(run("--help")).isZero();
        assertThat(out).contains("serve", "config", "queue", "status", "version", "Exit status:");
        assertThat(run("queue", "list", "--help")).isZero();
        assertThat(out).contains("Usage: posthorn queue list", "--json", "--config=FILE");
        assertThat(run("serve", "--help")).isZero();
        assertThat(out).contains("SIGTERM");
    }

    @Test
    void refusesWhatItDoesNotKnow() {
        assertThat(run()).isEqualTo(2);
        assertThat(err).contains("Missing required subcommand");
        assertThat(run("surve")).isEqualTo(2);
        assertThat(err).contains("surve").contains("serve");
        assertThat(run("queue")).isEqualTo(2);
        assertThat(run("queue", "show")).isEqualTo(2);
        assertThat(run("queue", "show", "a/b", "--config", home.file().toString())).isEqualTo(2);
        assertThat(err).contains("'a/b' is none: a message id has 8 to 32 letters and digits");
    }

    @Test
    void saysThatNothingIsWrongWithAConfiguration() throws IOException {
        home.configure(HOLD);
        assertThat(configured("config", "check")).isZero();
        assertThat(out).isEqualTo(home.file() + ": nothing is wrong\n");
    }

    @Test
    void saysAllThatIsWrongWithAConfiguration() throws IOException {
        home.configure("{ domains = [\"*\"], to = nowhere }", "queue { lifetime = long }");
        assertThat(configured("config", "check")).isEqualTo(1);
        assertThat(err.lines())
                .hasSize(2)
                .allSatisfy(it -> assertThat(it).startsWith(home.file() + ":"));
        assertThat(out).isEmpty();
    }

    @Test
    void doesNotServeWithAWrongConfiguration() throws IOException {
        home.configure(HOLD, "queue { lifetime = long }");
        assertThat(configured("serve")).isEqualTo(1);
        assertThat(err).contains("queue.lifetime: 'long' is not a duration");
        assertThat(configured("queue", "list")).isEqualTo(1);
        assertThat(run("serve", "--config", directory.resolve("none").toString())).isEqualTo(1);
        assertThat(err).isEqualTo(directory.resolve("none") + ": there is no such file to read\n");
    }

    @Test
    void doesNotServeWhereAnotherServerDoes() throws Exception {
        home.configure(HOLD);
        try (Server server = Server.start(home.read())) {
            assertThat(server.listening()).isNotEmpty();
            assertThat(configured("serve")).isEqualTo(1);
            assertThat(err).startsWith("posthorn: cannot start: ").hasLineCount(1);
        }
    }

    @Test
    void printsWhatAConfigurationComesTo() throws IOException {
        home.configure(HOLD);
        assertThat(configured("config", "print")).isZero();
        assertThat(out)
                .contains("hostname = \"mx.example.org\"  # " + home.file() + ":1\n")
                .contains("data-directory = \"" + directory.resolve("data") + "\"  # default\n");
    }

    @Test
    void saysThatNoServerIsRunning() throws IOException {
        home.configure(HOLD);
        for (String command : new String[] {"list", "show", "retry", "hold", "release", "delete"}) {
            int status =
                    command.equals("list")
                            ? configured("queue", command)
                            : configured("queue", command, "7Kx0000001");
            assertThat(status).as(command).isEqualTo(3);
            assertThat(err).startsWith("posthorn: no server is running: ");
        }
        assertThat(configured("status")).isEqualTo(3);
    }

    @Test
    void saysHowTheServerIs() throws Exception {
        home.configure(HOLD);
        try (Server server = Server.start(home.read())) {
            TestHome.send(smtp(server), "leo@example.net");
            assertThat(configured("status")).isZero();
            assertThat(out)
                    .startsWith("mx.example.org: posthorn ")
                    .contains("smtp on 127.0.0.1 port " + smtp(server).getPort())
                    .contains("1 messages, 1 jobs")
                    .contains("1 accepted, 0 refused")
                    .contains("anybody, 0 failures");
            assertThat(configured("status", "--json")).isZero();
            assertThat(out)
                    .hasLineCount(1)
                    .startsWith("{\"hostname\":\"mx.example.org\",\"version\":\"")
                    .contains("\"traffic\":{\"accepted\":1,\"refused\":0,");
        }
    }

    @Test
    void listsEveryMessageOnALineOfItsOwn() throws Exception {
        home.configure(HOLD);
        try (Server server = Server.start(home.read())) {
            for (int i : IntStream.range(0, 3).toArray()) {
                TestHome.send(smtp(server), "leo" + i + "@example.net");
            }
            assertThat(configured("queue", "list", "--json")).isZero();
            assertThat(out).hasLineCount(3).contains("\"address\":\"leo2@example.net\"");
            assertThat(configured("queue", "list")).isZero();
            assertThat(out)
                    .contains(" <mona@example.org> ", "  to example.net: ", "<leo1@example.net>");
        }
    }

    @Test
    void listsAnEmptyQueueAsNothing() throws Exception {
        home.configure(HOLD);
        try (Server server = Server.start(home.read())) {
            assertThat(server.listening()).isNotEmpty();
            assertThat(configured("queue", "list")).isZero();
            assertThat(out).isEmpty();
        }
    }

    @Test
    void changesTheQueue() throws Exception {
        home.configure(HOLD);
        try (Server server = Server.start(home.read())) {
            String id = TestHome.send(smtp(server), "leo@example.net");
            TestHome.await(() -> held(id));
            assertThat(configured("queue", "show", id, "--json")).isZero();
            assertThat(out).startsWith("{\"id\":\"" + id + "\",").contains("\"state\":\"held\"");
            assertThat(configured("queue", "retry", id)).isEqualTo(1);
            assertThat(err)
                    .isEqualTo("posthorn: " + id + " is held: posthorn queue release " + id + "\n");
            assertThat(configured("queue", "retry", "--where", "*")).isZero();
            assertThat(out).isEqualTo("0 messages, 0 jobs, 0 octets changed\n");
            assertThat(configured("queue", "hold", id, "--reason", "looks odd")).isZero();
            assertThat(configured("queue", "show", id)).isZero();
            assertThat(out).contains("  to example.net: held (");
            assertThat(configured("queue", "delete", id)).isZero();
            for (String command : new String[] {"show", "retry", "hold", "release", "delete"}) {
                assertThat(configured("queue", command, id)).as(command).isEqualTo(4);
                assertThat(err)
                        .isEqualTo(
                                "posthorn: there is no message "
                                        + id
                                        + "\nposthorn: it was deleted or bounced; posthorn queue undo "
                                        + id
                                        + "\n");
            }
        }
    }

    @Test
    void checksAndBacksUpTheQueueWithAndWithoutAServer() throws Exception {
        home.configure(HOLD);
        String backup = directory.resolve("backup").toString();
        try (Server server = Server.start(home.read())) {
            TestHome.send(smtp(server), "leo@example.net");
            assertThat(configured("queue", "verify")).isZero();
            assertThat(out).isEqualTo("1 messages, 1 jobs, 0 rows set aside: nothing is wrong\n");
            assertThat(configured("queue", "repair")).isEqualTo(1);
            assertThat(err).contains("a server uses the queue: stop it first");
            assertThat(configured("queue", "backup", backup)).isZero();
            assertThat(configured("queue", "backup", backup)).isEqualTo(1);
            assertThat(err).contains("there is a queue in " + backup + " already");
            assertThat(directory.resolve("data/queue.copy")).doesNotExist();
        }
        assertThat(configured("queue", "verify", "--json")).isZero();
        assertThat(out).startsWith("{\"messages\":1,\"jobs\":1,\"aside\":0,\"wrong\":0,");
        assertThat(configured("queue", "verify", "--backup", backup)).isZero();
        assertThat(configured("queue", "backup", backup)).isEqualTo(3);
        assertThat(configured("queue", "repair")).isZero();
        assertThat(out).startsWith("1 messages, 1 jobs; indexes and counters were made anew\n");
        assertThat(configured("queue", "verify")).isZero();
    }

    @Test
    void takesMailFromOneQueueToAnotherRunningOrNot() throws Exception {
        home.configure(HOLD);
        String one = directory.resolve("one").toString();
        String all = directory.resolve("all.tar").toString();
        String id;
        try (Server server = Server.start(home.read())) {
            id = TestHome.send(smtp(server), "leo@example.net");
            TestHome.await(() -> held(id));
            assertThat(configured("queue", "export", id, "--to", one)).isZero();
            assertThat(out).matches("1 messages, 1 jobs, \\d+ octets exported\n");
            assertThat(directory.resolve("one/" + id + ".eml")).content().endsWith("Hello.\r\n");
            assertThat(configured("queue", "export", id, "--to", one)).isEqualTo(1);
            assertThat(err).contains(id + ".eml is there already, and is not replaced");
            assertThat(configured("queue", "export", "Zz0123456789", "--to", one)).isEqualTo(4);
            assertThat(configured("queue", "import", one)).isEqualTo(1);
            assertThat(err).contains("there is a message " + id + " already");
            assertThat(configured("queue", "import", one, "--new-ids")).isZero();
            assertThat(err).matches("posthorn: .*" + id + ".json: is \\w+ here\n");
            assertThat(configured("queue", "count", "--where", "state=held")).isZero();
            assertThat(out).startsWith("2 messages, ");
            assertThat(configured("queue", "export", "--where", "*", "--to", all)).isZero();
            assertThat(out).startsWith("2 messages, ");
            assertThat(configured("queue", "verify")).isZero();
            assertThat(directory.resolve("data/queue.copy")).doesNotExist();
        }
        String again = directory.resolve("again.tar").toString();
        assertThat(configured("queue", "export", "--where", "age<1h", "--to", again)).isZero();
        assertThat(directory.resolve("again.tar")).hasSameBinaryContentAs(Path.of(all));
        Files.move(directory.resolve("data"), directory.resolve("old"));
        assertThat(configured("queue", "import", all, "--reason", "a move")).isZero();
        assertThat(out).startsWith("2 messages, 2 jobs, ");
        assertThat(configured("queue", "import", all)).isEqualTo(1);
        assertThat(out).endsWith(" imported; 2 left out\n");
        assertThat(configured("queue", "verify")).isZero();
        assertThat(configured("queue", "import", directory.resolve("none.tar").toString()))
                .isEqualTo(1);
        assertThat(err).contains("there is no " + directory.resolve("none.tar"));
        try (Server server = Server.start(home.read())) {
            assertThat(server.listening()).isNotEmpty();
            assertThat(configured("queue", "show", id)).isZero();
            String who = System.getProperty("user.name");
            assertThat(out).contains(" " + who + ": imported (a move)");
        }
    }

    @Test
    void servesWhatABackupHolds() throws Exception {
        home.configure(HOLD);
        String id;
        try (Server server = Server.start(home.read())) {
            id = TestHome.send(smtp(server), "leo@example.net");
            assertThat(configured("queue", "backup", directory.resolve("backup").toString()))
                    .isZero();
        }
        Files.move(directory.resolve("data"), directory.resolve("lost"));
        Files.move(directory.resolve("backup"), directory.resolve("data"));
        try (Server server = Server.start(home.read())) {
            assertThat(server.listening()).isNotEmpty();
            assertThat(configured("queue", "show", id)).isZero();
        }
    }

    @Test
    void countsFirstThenChangesAllThatIsMeant() throws Exception {
        home.configure(HOLD);
        try (Server server = Server.start(home.read())) {
            for (String recipient : new String[] {"leo@one.example", "lea@two.example"}) {
                String id = TestHome.send(smtp(server), recipient);
                TestHome.await(() -> held(id));
            }
            String[] delete = {"queue", "delete", "--where", "domain=one.*", "--reason", "case 7"};
            assertThat(configured("queue", "count", "--where", "*")).isZero();
            assertThat(out).matches("2 messages, 2 jobs, \\d+ octets\n");
            assertThat(configured(with(delete, "--dry-run"))).isZero();
            assertThat(out).matches("1 messages, 1 jobs, \\d+ octets would change\n");
            assertThat(configured(with(delete, "--json"))).isZero();
            assertThat(out).matches("\\{\"messages\":1,\"jobs\":1,\"octets\":\\d+}\n");
            assertThat(configured("queue", "list")).isZero();
            assertThat(out).contains("two.example").doesNotContain("one.example");
            assertThat(configured("queue", "list", "--removed")).isZero();
            assertThat(out).contains("to one.example: removed (");
            assertThat(configured("queue", "undo", "--where", "*", "--dry-run")).isZero();
            assertThat(out).startsWith("1 messages, ");
            assertThat(configured("queue", "undo", "--where", "*")).isZero();
            assertThat(configured("queue", "list", "--where", "state=held", "--limit", "1"))
                    .isZero();
            assertThat(out.lines().filter(line -> !line.startsWith(" "))).hasSize(1);
        }
        String who = System.getProperty("user.name");
        assertThat(home.mailLog())
                .anyMatch(
                        it -> it.endsWith("operation=delete who=" + who + " why=\"case 7\" jobs=1"))
                .anyMatch(it -> it.endsWith("operation=undo who=" + who + " jobs=1"));
    }

    private static String[] with(String[] arguments, String more) {
        String[] all = Arrays.copyOf(arguments, arguments.length + 1);
        all[arguments.length] = more;
        return all;
    }

    @Test
    void saysWhyMailIsStillHereAndWhenItWillMove() throws Exception {
        home.configure(HOLD);
        try (Server server = Server.start(home.read())) {
            String id = TestHome.send(smtp(server), "leo@example.net");
            TestHome.await(() -> held(id));
            assertThat(configured("queue", "redirect", id, "--to", "smtp://127.0.0.1:9")).isZero();
            assertThat(configured("queue", "due", id, "--at", "+2h", "--reason", "later")).isZero();
            assertThat(configured("queue", "show", id)).isZero();
            String who = System.getProperty("user.name");
            assertThat(out)
                    .contains("  to example.net: held (")
                    .contains("    route smtp://127.0.0.1:9, attempts 0\n")
                    .contains(
                            "    next: when an operator says so: posthorn queue release "
                                    + id
                                    + "\n")
                    .contains(" " + who + ": redirected to smtp://127.0.0.1:9\n")
                    .containsPattern(who + ": made due at \\S+Z \\(later\\)\n");
        }
    }

    @Test
    void refusesOperationsThatMakeNoSense() throws Exception {
        home.configure(HOLD);
        assertThat(configured("queue", "delete")).isEqualTo(2);
        assertThat(err).contains("(ID | --where=SELECTION)");
        assertThat(configured("queue", "delete", "--where", "domian=x")).isEqualTo(2);
        assertThat(err)
                .contains("at character 1: nothing is called 'domian': did you mean domain?");
        assertThat(configured("queue", "delete", "7Kx0000001", "--where", "*")).isEqualTo(2);
        assertThat(configured("queue", "list", "--limit", "-5")).isEqualTo(2);
        assertThat(err).isEqualTo("posthorn: --limit: expected 1 or more, not -5\n");
        try (Server server = Server.start(home.read())) {
            assertThat(server.listening()).isNotEmpty();
            assertThat(configured("queue", "redirect", "--where", "*", "--to", "hold"))
                    .isEqualTo(1);
            assertThat(err)
                    .isEqualTo(
                            "posthorn: route: mail is not redirected to hold: use the operation hold\n");
            assertThat(configured("queue", "due", "--where", "*", "--at", "soon")).isEqualTo(1);
            assertThat(err).startsWith("posthorn: when: 'soon' is no time: ").hasLineCount(1);
            assertThat(configured("queue", "undo", "7Kx0000001")).isEqualTo(4);
        }
    }

    private boolean held(String id) {
        return configured("queue", "show", id) == 0 && out.contains("held");
    }

    @Test
    void saysWhoMayManageTheServer() throws Exception {
        home.configure(HOLD);
        try (Server server = Server.start(home.read())) {
            assertThat(server.listening()).isNotEmpty();
            Files.delete(directory.resolve("data/jmx/credentials"));
            assertThat(configured("status")).isEqualTo(1);
            assertThat(err).startsWith("posthorn: you may not manage this server: ");
        }
    }

    private int configured(String... arguments) {
        String[] all = new String[arguments.length + 2];
        System.arraycopy(arguments, 0, all, 0, arguments.length);
        all[arguments.length] = "--config";
        all[arguments.length + 1] = home.file().toString();
        return run(all);
    }

    private int run(String... arguments) {
        StringWriter said = new StringWriter();
        StringWriter complained = new StringWriter();
        int status = Posthorn.run(new PrintWriter(said), new PrintWriter(complained), arguments);
        out = said.toString();
        err = complained.toString();
        return status;
    }

    private static InetSocketAddress smtp(Server server) {
        return server.listening().get("smtp");
    }
}
