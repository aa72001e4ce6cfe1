package org.posthorn.server.management;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.rmi.registry.LocateRegistry;
import java.rmi.registry.Registry;
import java.rmi.server.RMIServerSocketFactory;
import java.rmi.server.UnicastRemoteObject;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

import javax.management.MBeanServer;
import javax.management.remote.JMXAuthenticator;
import javax.management.remote.JMXConnectorServer;
import javax.management.remote.JMXPrincipal;
import javax.management.remote.JMXServiceURL;
import javax.management.remote.rmi.RMIConnectorServer;
import javax.management.remote.rmi.RMIJRMPServerImpl;
import javax.security.auth.Subject;

/// Lets other processes of this machine at the MXBeans: on a loopback address, with a password that
/// was made at the first start, and with nothing taken from the wire but what management needs.
///
/// Generic clients connect to `service:jmx:rmi:///jndi/rmi://ADDRESS:PORT/jmxrmi`. Our own commands
/// find the way in the files `url` and `credentials` of `jmx` in the data directory.
public final class ManagementPort implements AutoCloseable {
    /// Only what the arguments of MXBeans and of JMX itself are made of.
    private static final String ARGUMENTS =
            "maxdepth=8;maxarray=10000;maxrefs=10000;maxbytes=1000000;java.lang.*;java.math.*;"
                    + "java.util.*;javax.management.*;javax.management.openmbean.*;"
                    + "java.rmi.MarshalledObject;javax.security.auth.Subject;!*";

    /// Each connection has a thread, also before its password was asked for.
    private static final String MAX_CONNECTIONS = "64";

    private static final String TEXT_ONLY = "maxdepth=2;maxarray=2;java.lang.String;!*";

    /// What would let a client bring in code, or take our beans away.
    private static final Set<String> REFUSED =
            Set.of("createMBean", "registerMBean", "unregisterMBean", "instantiate");

    private static final Logger LOG = LoggerFactory.getLogger(ManagementPort.class);
    private static final long SECONDS_BETWEEN_TRIES = 5;

    private final Registry registry;
    private final RMIConnectorServer server;
    private final Path url;
    private final CountDownLatch closing = new CountDownLatch(1);

    private ManagementPort(Registry registry, RMIConnectorServer server, Path url) {
        this.registry = registry;
        this.server = server;
        this.url = url;
    }

    /// A port that is ours, on which nobody is answered yet: clients wait. All that can fail for
    /// want of rights, of space or of a free port has been done.
    public static final class Reserved implements AutoCloseable {
        private final JmxConfig config;
        private final Path directory;
        private final Credentials credentials;
        private final ServerSocket socket;

        private Reserved(
                JmxConfig config, Path directory, Credentials credentials, ServerSocket socket) {
            this.config = config;
            this.directory = directory;
            this.credentials = credentials;
            this.socket = socket;
        }

        /// Gives the port up. It may be closed already.
        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    /// Reserves the port.
    ///
    /// @param config where
    /// @param directory where the files for our own commands go
    /// @param random must not be guessable
    /// @throws IOException when that fails; the message names the address or the file
    public static Reserved reserve(JmxConfig config, Path directory, RandomGenerator random)
            throws IOException {
        Credentials credentials = Credentials.in(directory.resolve("credentials"), random);
        Files.deleteIfExists(directory.resolve("url"));
        try {
            ServerSocket socket = new ServerSocket(config.port(), 0, config.address());
            return new Reserved(config, directory, credentials, socket);
        } catch (BindException e) {
            throw new IOException(
                    "jmx cannot listen on %s port %d: %s; is another server running?"
                            .formatted(
                                    config.address().getHostAddress(),
                                    config.port(),
                                    e.getMessage()),
                    e);
        }
    }

    /// Opens a port.
    ///
    /// @param beans what is offered
    /// @throws IOException when that fails; the message says why
    public static ManagementPort open(Reserved reserved, MBeanServer beans) throws IOException {
        JmxConfig config = reserved.config;
        Sockets sockets = new Sockets(config.address(), reserved.socket);
        String host = config.address().getHostAddress();
        prepareRmi(host);
        Registry registry = LocateRegistry.createRegistry(config.port(), null, sockets);
        boolean opened = false;
        try {
            Map<String, Object> settings = settings(reserved.credentials);
            var remote = new RMIJRMPServerImpl(config.port(), null, sockets, settings);
            JMXServiceURL address = new JMXServiceURL("rmi", host, config.port());
            var server = new RMIConnectorServer(address, settings, remote, guarded(beans));
            server.start();
            registry.rebind("jmxrmi", remote.toStub());
            opened = true;
            return new ManagementPort(registry, server, reserved.directory.resolve("url"));
        } finally {
            if (!opened) {
                UnicastRemoteObject.unexportObject(registry, true);
            }
        }
    }

    /// Tells our own commands where the port is: by a file, which is tried again and again where
    /// the disk does not take it.
    public void announce() {
        try {
            PrivateFile.write(url, server.getAddress().toString());
        } catch (IOException e) {
            LOG.error(
                    "posthorn status and posthorn queue do not find this server, for {} cannot be"
                            + " written, and is tried again every {} s: {}",
                    url,
                    SECONDS_BETWEEN_TRIES,
                    e.toString());
            Thread.ofPlatform().daemon().name("announce").start(this::announceLater);
        }
    }

    private void announceLater() {
        try {
            while (!closing.await(SECONDS_BETWEEN_TRIES, TimeUnit.SECONDS)) {
                try {
                    PrivateFile.write(url, server.getAddress().toString());
                    LOG.info("{} is written: this server can be managed", url);
                    return;
                } catch (IOException e) {
                    LOG.debug("{} cannot be written yet", url, e);
                }
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /// Clients are told to come to this address, whatever this machine is called, and nobody may
    /// put anything into the registry over the wire. Its threads are bounded. Only before the
    /// first use of RMI.
    private static void prepareRmi(String host) {
        System.setProperty("java.rmi.server.hostname", host);
        System.setProperty("sun.rmi.registry.registryFilter", TEXT_ONLY);
        System.setProperty("sun.rmi.transport.tcp.maxConnectionThreads", MAX_CONNECTIONS);
    }

    private static Map<String, Object> settings(Credentials credentials) {
        JMXAuthenticator authenticator =
                given -> {
                    if (!credentials.match(given)) {
                        throw new SecurityException("wrong user or password");
                    }
                    return new Subject(
                            true, Set.of(new JMXPrincipal(credentials.user())), Set.of(), Set.of());
                };
        Map<String, Object> settings = new HashMap<>();
        settings.put(JMXConnectorServer.AUTHENTICATOR, authenticator);
        settings.put(RMIConnectorServer.CREDENTIALS_FILTER_PATTERN, TEXT_ONLY);
        settings.put(RMIConnectorServer.SERIAL_FILTER_PATTERN, ARGUMENTS);
        return settings;
    }

    private static MBeanServer guarded(MBeanServer beans) {
        return (MBeanServer)
                Proxy.newProxyInstance(
                        ManagementPort.class.getClassLoader(),
                        new Class<?>[] {MBeanServer.class},
                        (_, method, arguments) -> {
                            if (REFUSED.contains(method.getName())) {
                                throw new SecurityException(method.getName() + " is not allowed");
                            }
                            try {
                                return method.invoke(beans, arguments);
                            } catch (InvocationTargetException e) {
                                throw e.getCause() == null ? e : e.getCause();
                            }
                        });
    }

    /// Gives out the socket that was reserved. Equal for equal addresses, so that the registry and
    /// the server share one port.
    private record Sockets(InetAddress address, ServerSocket reserved)
            implements RMIServerSocketFactory {
        @Override
        public ServerSocket createServerSocket(int port) {
            return reserved;
        }
    }

    /// Closes the port, and all connections to it.
    @Override
    public void close() throws IOException {
        closing.countDown();
        try {
            Files.deleteIfExists(url);
        } finally {
            server.stop();
            UnicastRemoteObject.unexportObject(registry, true);
        }
    }
}
