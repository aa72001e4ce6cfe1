package org.posthorn.server.management;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.posthorn.server.management.ManagementClient.NotRunningException;
import org.posthorn.server.mxbean.QueueMXBean;

import java.io.IOException;
import java.io.InvalidClassException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchService;
import java.nio.file.attribute.PosixFilePermissions;
import java.rmi.registry.LocateRegistry;
import java.rmi.registry.Registry;
import java.security.SecureRandom;
import java.util.Map;

import javax.management.MBeanServer;
import javax.management.MBeanServerFactory;
import javax.management.ObjectName;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXServiceURL;

class ManagementPortTest {
    private static final InetAddress LOOPBACK = InetAddress.ofLiteral("127.0.0.1");

    @TempDir private Path directory;
    private final MBeanServer beans = MBeanServerFactory.newMBeanServer();
    private int port;
    private ManagementPort open;

    @BeforeEach
    void openPort() throws IOException {
        new Management(beans).export(QueueMXBean.class, new ManagementTest.OneMessage());
        port = freePort();
        open = open(port);
    }

    private static int freePort() throws IOException {
        try (ServerSocket free = new ServerSocket(0, 0, LOOPBACK)) {
            return free.getLocalPort();
        }
    }

    @AfterEach
    void closePort() throws IOException {
        open.close();
    }

    private ManagementPort open(int at) throws IOException {
        ManagementPort opened = ManagementPort.open(reserve(at), beans);
        opened.announce();
        return opened;
    }

    private ManagementPort.Reserved reserve(int at) throws IOException {
        return ManagementPort.reserve(new JmxConfig(LOOPBACK, at), directory, new SecureRandom());
    }

    @Test
    @Timeout(60)
    void isAnnouncedOnceTheDiskTakesIt() throws Exception {
        open.close();
        Path url = directory.resolve("url");
        Path inTheWay = Files.createDirectories(directory.resolve("url.new").resolve("full"));
        open = open(freePort());
        assertThat(url).doesNotExist();
        try (WatchService changes = directory.getFileSystem().newWatchService()) {
            directory.register(changes, StandardWatchEventKinds.ENTRY_CREATE);
            Files.delete(inTheWay);
            while (!Files.exists(url)) {
                changes.take().reset();
            }
        }
        ManagementClient.connect(directory).close();
    }

    @Test
    void keepsAPortBeforeItIsOpened() throws IOException {
        int its = freePort();
        try (ManagementPort.Reserved _ = reserve(its)) {
            assertThatThrownBy(() -> reserve(its))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("127.0.0.1 port " + its)
                    .hasMessageContaining("another server");
        }
        reserve(its).close();
    }

    @Test
    void letsOurOwnCommandsIn() throws IOException {
        try (ManagementClient client = ManagementClient.connect(directory)) {
            assertThat(client.bean(QueueMXBean.class).show("7Kx0000001"))
                    .containsExactly(ManagementTest.OneMessage.MESSAGE);
        }
    }

    @Test
    void letsGenericClientsInWithThePassword() throws Exception {
        try (JMXConnector client = connect(Files.readString(directory.resolve("credentials")))) {
            assertThat(
                            client.getMBeanServerConnection()
                                    .getAttribute(Management.name(QueueMXBean.class), "Messages"))
                    .isEqualTo(1L);
        }
    }

    @Test
    void keepsOthersOut() {
        assertThatThrownBy(() -> connect("posthorn:wrong")).isInstanceOf(SecurityException.class);
        assertThatThrownBy(() -> connect(null)).isInstanceOf(SecurityException.class);
    }

    @Test
    void keepsThePasswordToTheServersUserAndOverRestarts() throws IOException {
        Path file = directory.resolve("credentials");
        String first = Files.readString(file);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        open.close();
        open = open(freePort());
        assertThat(Files.readString(file)).isEqualTo(first);
    }

    @Test
    void makesAnotherPasswordForAnotherServer() throws IOException {
        Credentials other = Credentials.in(directory.resolve("other"), new SecureRandom());
        assertThat(Files.readString(directory.resolve("credentials")))
                .doesNotContain(other.password());
        assertThat(other.password()).hasSize(32);
    }

    @Test
    void namesACredentialsFileThatIsNone() throws IOException {
        Path file = Files.writeString(directory.resolve("odd"), "nothing");
        assertThatThrownBy(() -> Credentials.read(file))
                .isInstanceOf(IOException.class)
                .hasMessage(file + " should hold USER:PASSWORD: remove it, and restart");
    }

    @Test
    void takesNoObjectsButWhatArgumentsAreMadeOf() throws Exception {
        try (JMXConnector client = connect(Files.readString(directory.resolve("credentials")))) {
            Object[] arguments = {new java.net.URI("http://example.org")};
            assertThatThrownBy(
                            () ->
                                    client.getMBeanServerConnection()
                                            .invoke(
                                                    Management.name(QueueMXBean.class),
                                                    "show",
                                                    arguments,
                                                    new String[] {"java.lang.String"}))
                    .isInstanceOf(InvalidClassException.class);
        }
    }

    @Test
    void letsNobodyMakeOrRemoveBeans() throws Exception {
        ObjectName name = Management.name(QueueMXBean.class);
        try (JMXConnector client = connect(Files.readString(directory.resolve("credentials")))) {
            var connection = client.getMBeanServerConnection();
            assertThatThrownBy(() -> connection.unregisterMBean(name))
                    .isInstanceOf(SecurityException.class);
            assertThatThrownBy(
                            () ->
                                    connection.createMBean(
                                            "javax.management.timer.Timer",
                                            new ObjectName("x:type=Timer")))
                    .isInstanceOf(SecurityException.class);
        }
    }

    @Test
    void letsNobodyPutAnythingIntoTheRegistry() throws Exception {
        Registry registry = LocateRegistry.getRegistry("127.0.0.1", port);
        var stub = registry.lookup("jmxrmi");
        assertThatThrownBy(() -> registry.rebind("jmxrmi", stub))
                .hasRootCauseInstanceOf(InvalidClassException.class);
    }

    @Test
    void saysThatItsPortIsTaken() throws IOException {
        open.close();
        try (ServerSocket other = new ServerSocket(0, 0, LOOPBACK)) {
            int taken = other.getLocalPort();
            assertThatThrownBy(() -> open(taken))
                    .isInstanceOf(IOException.class)
                    .hasMessageStartingWith("jmx cannot listen on 127.0.0.1 port " + taken + ": ")
                    .hasMessageEndingWith("is another server running?");
        }
        open = open(port);
    }

    @Test
    void takesAnyFreePortForZero() throws IOException {
        open.close();
        open = open(0);
        try (ManagementClient client = ManagementClient.connect(directory)) {
            assertThat(client.bean(QueueMXBean.class).getMessages()).isEqualTo(1);
        }
    }

    @Test
    void saysThatNoServerIsRunning() throws IOException {
        String url = Files.readString(directory.resolve("url"));
        open.close();
        assertThatThrownBy(() -> ManagementClient.connect(directory))
                .isInstanceOf(NotRunningException.class)
                .hasMessageStartingWith("no server is running: there is no ");
        Files.writeString(directory.resolve("url"), url);
        assertThatThrownBy(() -> ManagementClient.connect(directory))
                .isInstanceOf(NotRunningException.class)
                .hasMessageStartingWith("no server is running: nobody answers");
        open = open(port);
    }

    private JMXConnector connect(String credentials) throws IOException {
        JMXServiceURL url =
                new JMXServiceURL("service:jmx:rmi:///jndi/rmi://127.0.0.1:" + port + "/jmxrmi");
        Map<String, Object> settings =
                credentials == null
                        ? Map.of()
                        : Map.of(JMXConnector.CREDENTIALS, credentials.strip().split(":", 2));
        return JMXConnectorFactory.connect(url, settings);
    }
}
