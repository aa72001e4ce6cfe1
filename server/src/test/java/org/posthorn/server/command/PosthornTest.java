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
            assertThat(configured("queue", "hold", id, "--reason", "looks odd")).isZero();
            assertThat(configured("queue", "show", id)).isZero();
            assertThat(out).contains("  to example.net: held (");
            assertThat(configured("queue", "delete", id)).isZero();
            for (String command : new String[] {"show", "retry", "hold", "release", "delete"}) {
                assertThat(configured("queue", command, id)).as(command).isEqualTo(4);
                assertThat(err).isEqualTo("posthorn: there is no message " + id + "\n");
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
            assertThat(directory.resolve("data/queue.verify")).doesNotExist();
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
