package org.posthorn.server.management;

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
import java.rmi.server.ExportException;
import java.rmi.server.RMIServerSocketFactory;
import java.rmi.server.UnicastRemoteObject;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
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

    private final Registry registry;
    private final RMIConnectorServer server;
    private final Path url;

    private ManagementPort(Registry registry, RMIConnectorServer server, Path url) {
        this.registry = registry;
        this.server = server;
        this.url = url;
    }

    /// Opens the port.
    ///
    /// @param config where
    /// @param directory where the files for our own commands go
    /// @param beans what is offered
    /// @param random must not be guessable
    /// @throws IOException when that fails; the message names the address or the file
    public static ManagementPort open(
            JmxConfig config, Path directory, MBeanServer beans, RandomGenerator random)
            throws IOException {
        Credentials credentials = Credentials.in(directory.resolve("credentials"), random);
        Sockets sockets = new Sockets(config.address());
        String host = config.address().getHostAddress();
        prepareRmi(host);
        Registry registry;
        try {
            registry = LocateRegistry.createRegistry(config.port(), null, sockets);
        } catch (ExportException e) {
            throw new IOException(
                    "jmx cannot listen on %s port %d: %s".formatted(host, config.port(), reason(e)),
                    e);
        }
        boolean opened = false;
        try {
            Map<String, Object> settings = settings(credentials);
            var remote = new RMIJRMPServerImpl(config.port(), null, sockets, settings);
            JMXServiceURL address = new JMXServiceURL("rmi", host, config.port());
            var server = new RMIConnectorServer(address, settings, remote, guarded(beans));
            server.start();
            registry.rebind("jmxrmi", remote.toStub());
            Path url = directory.resolve("url");
            PrivateFile.write(url, server.getAddress().toString());
            opened = true;
            return new ManagementPort(registry, server, url);
        } finally {
            if (!opened) {
                UnicastRemoteObject.unexportObject(registry, true);
            }
        }
    }

    private static String reason(ExportException e) {
        return e.getCause() instanceof BindException bind
                ? bind.getMessage() + "; is another server running?"
                : String.valueOf(e.getMessage());
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

    /// Equal for equal addresses, so that the registry and the server share one port.
    private record Sockets(InetAddress address) implements RMIServerSocketFactory {
        @Override
        public ServerSocket createServerSocket(int port) throws IOException {
            return new ServerSocket(port, 0, address);
        }
    }

    /// Closes the port, and all connections to it.
    @Override
    public void close() throws IOException {
        Files.deleteIfExists(url);
        server.stop();
        UnicastRemoteObject.unexportObject(registry, true);
    }
}
