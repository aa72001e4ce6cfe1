package org.posthorn.server.assembly;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.posthorn.server.TestHome;
import org.posthorn.server.config.ConfigurationException;
import org.posthorn.server.management.ManagementClient;
import org.posthorn.server.mxbean.ListenersMXBean;
import org.posthorn.server.mxbean.PluginsMXBean;
import org.posthorn.server.mxbean.QueueMXBean;
import org.posthorn.server.mxbean.ServerMXBean;
import org.posthorn.server.plugin.PluginJar;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;

class ServerTest {
    @TempDir private Path directory;
    private TestHome home;

    @BeforeEach
    void layOut() {
        home = TestHome.in(directory);
    }

    @Test
    void takesMailAndDeliversIt() throws Exception {
        home.configure("{ domains = [\"*\"], to = \"maildir:mail\" }");
        try (Server server = Server.start(home.read())) {
            String id = TestHome.send(smtp(server), "leo@example.net");
            TestHome.await(() -> home.mailLog().stream().anyMatch(it -> it.contains("finished")));
            assertThat(home.mailLog())
                    .anyMatch(it -> it.startsWith("id=" + id + " event=accepted "))
                    .anyMatch(it -> it.startsWith("id=" + id + " event=delivered "))
                    .anyMatch(it -> it.startsWith("id=" + id + " event=finished "));
        }
        assertThat(home.filesBelow("mail")).hasSize(1);
        assertThat(Files.readString(home.filesBelow("mail").getFirst()))
                .contains("Received: from client.example")
                .endsWith("Subject: Hello\r\n\r\nHello.\r\n");
    }

    @Test
    void keepsAcceptedMailOverARestart() throws Exception {
        home.configure("{ domains = [\"*\"], to = hold }");
        String id;
        try (Server server = Server.start(home.read())) {
            id = TestHome.send(smtp(server), "leo@example.net");
        }
        try (Server server = Server.start(home.read());
                ManagementClient client = ManagementClient.connect(directory.resolve("data/jmx"))) {
            assertThat(server.listening()).containsOnlyKeys("smtp");
            assertThat(client.bean(QueueMXBean.class).show(id))
                    .singleElement()
                    .satisfies(it -> assertThat(it.sender()).isEqualTo("<mona@example.org>"));
        }
    }

    @Test
    void canBeManagedWhileItRuns() throws Exception {
        home.configure("{ domains = [\"*\"], to = hold }");
        try (Server server = Server.start(home.read());
                ManagementClient client = ManagementClient.connect(directory.resolve("data/jmx"))) {
            String id = TestHome.send(smtp(server), "leo@example.net");
            QueueMXBean queue = client.bean(QueueMXBean.class);
            assertThat(queue.getMessages()).isEqualTo(1);
            assertThat(client.bean(ServerMXBean.class).getHostname()).isEqualTo("mx.example.org");
            assertThat(client.bean(ListenersMXBean.class).getListeners())
                    .singleElement()
                    .satisfies(it -> assertThat(it.port()).isEqualTo(smtp(server).getPort()));
            assertThat(client.bean(PluginsMXBean.class).getPlugins())
                    .singleElement()
                    .satisfies(it -> assertThat(it.instance()).isEqualTo("anybody"));
            assertThat(queue.delete(id, "", "").messages()).isEqualTo(1);
            assertThat(queue.delete(id, "", "").messages()).isZero();
            assertThat(queue.getMessages()).isZero();
        }
        assertThat(home.mailLog())
                .anyMatch(it -> it.endsWith("operation=delete who=posthorn jobs=1"));
    }

    @Test
    void makesACertificateAtItsFirstStart() throws Exception {
        home.configure("");
        Server.start(home.read()).close();
        assertThat(home.filesBelow("data/tls")).hasSize(2);
    }

    @Test
    void keepsMailAndSecretsToItsOwnUser() throws Exception {
        home.configure("");
        Server.start(home.read()).close();
        for (String name : List.of("queue", "jmx", "tls")) {
            assertThat(Files.getPosixFilePermissions(directory.resolve("data").resolve(name)))
                    .as(name)
                    .isEqualTo(PosixFilePermissions.fromString("rwx------"));
        }
    }

    @Test
    void saysWhichPortIsTakenAndLeavesNothingOpen() throws Exception {
        try (ServerSocket other = new ServerSocket(0, 0, InetAddress.ofLiteral("127.0.0.1"))) {
            home.configure("", "listeners { smtp { port = " + other.getLocalPort() + " } }");
            assertThatThrownBy(() -> Server.start(home.read()))
                    .isInstanceOf(StartException.class)
                    .hasMessageContaining("smtp")
                    .hasMessageContaining(String.valueOf(other.getLocalPort()));
        }
        home.configure("");
        Server.start(home.read()).close();
    }

    @Test
    void saysWhichManagementPortIsTakenAndLeavesNothingOpen() throws Exception {
        try (ServerSocket other = new ServerSocket(0, 0, InetAddress.ofLiteral("127.0.0.1"))) {
            home.configure("", "jmx { port = " + other.getLocalPort() + " }");
            assertThatThrownBy(() -> Server.start(home.read()))
                    .isInstanceOf(StartException.class)
                    .hasMessageStartingWith("jmx cannot listen on 127.0.0.1 port ");
        }
        home.configure("");
        Server.start(home.read()).close();
    }

    @Test
    void saysThatAnotherServerHasTheQueue() throws Exception {
        home.configure("");
        try (Server server = Server.start(home.read())) {
            assertThat(server.listening()).isNotEmpty();
            assertThatThrownBy(() -> Server.start(home.read()))
                    .isInstanceOf(StartException.class)
                    .hasMessageContaining(directory.resolve("data/queue").toString());
        }
    }

    @Test
    void putsAPluginThatDoesNotStartBesideItsBlock() throws Exception {
        Path plugin = TestHome.make(directory.resolve("plugins/sick"));
        PluginJar.plain(
                plugin.resolve("sick.jar"), "sick", "throw new Exception(\"it has a cold\");");
        home.configure("", "plugins = [ { use = sick } ]");
        assertThatThrownBy(() -> Server.start(home.read()))
                .isInstanceOf(ConfigurationException.class)
                .hasMessage(home.file() + ":7: plugins[0].use: sick cannot start: it has a cold");
        home.configure("");
        Server.start(home.read()).close();
    }

    @Test
    void namesAMailLogThatCannotBeWritten() throws IOException {
        home.configure("", "log { mail-file = etc }");
        assertThatThrownBy(() -> Server.start(home.read()))
                .isInstanceOf(StartException.class)
                .hasMessageContaining(directory.resolve("etc").toString());
    }

    @Test
    void closesThePluginsItStarted() throws Exception {
        Path closed = directory.resolve("closed");
        PluginJar.plain(
                TestHome.make(directory.resolve("plugins/tidy")).resolve("tidy.jar"),
                "tidy",
                """
                return new Hooks() {
                    public SessionHooks join(Session session) { return new SessionHooks() {}; }
                    public void close() {
                        try {
                            java.nio.file.Files.createFile(java.nio.file.Path.of("%s"));
                        } catch (java.io.IOException e) {
                            throw new RuntimeException(e);
                        }
                    }
                };
                """
                        .formatted(closed));
        home.configure("", "plugins = [ { use = tidy } ]");
        try (Server server = Server.start(home.read())) {
            assertThat(server.listening()).isNotEmpty();
            assertThat(closed).doesNotExist();
        }
        assertThat(closed).exists();
    }

    private static InetSocketAddress smtp(Server server) {
        return server.listening().get("smtp");
    }
}
