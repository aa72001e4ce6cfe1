package org.posthorn.server.management;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

import javax.management.JMX;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXServiceURL;

/// A connection to the server that runs with the same data directory.
public final class ManagementClient implements AutoCloseable {
    private final JMXConnector connector;

    private ManagementClient(JMXConnector connector) {
        this.connector = connector;
    }

    /// Connects.
    ///
    /// @param directory where the server left the files `url` and `credentials`
    /// @throws NotRunningException when no server runs
    /// @throws IOException when it cannot be asked for another reason; the message says what to do
    @SuppressWarnings("BanJNDI") // the address holds the server's stub: nothing is looked up
    public static ManagementClient connect(Path directory) throws IOException {
        Path url = directory.resolve("url");
        Path credentials = directory.resolve("credentials");
        if (!Files.exists(url)) {
            throw new NotRunningException("no server is running: there is no " + url);
        }
        if (!Files.isReadable(url) || !Files.isReadable(credentials)) {
            throw new IOException(
                    "you may not manage this server: be the user that it runs as, who can read "
                            + credentials);
        }
        Map<String, Object> settings =
                Map.of(JMXConnector.CREDENTIALS, Credentials.read(credentials).toArray());
        String address = Files.readString(url).strip();
        try {
            return new ManagementClient(
                    JMXConnectorFactory.connect(new JMXServiceURL(address), settings));
        } catch (SecurityException e) {
            throw new IOException(
                    "the server does not take the password in " + credentials + ": restart it", e);
        } catch (IOException e) {
            throw new NotRunningException(
                    "no server is running: nobody answers at the address in " + url, e);
        }
    }

    /// Returns a bean of the server.
    ///
    /// @throws IOException when the connection is lost
    public <T> T bean(Class<T> contract) throws IOException {
        return JMX.newMXBeanProxy(
                connector.getMBeanServerConnection(), Management.name(contract), contract);
    }

    @Override
    public void close() throws IOException {
        connector.close();
    }

    /// No server runs with this data directory.
    public static final class NotRunningException extends IOException {
        private static final long serialVersionUID = 1L;

        NotRunningException(String message) {
            super(message);
        }

        NotRunningException(String message, Throwable cause) {
            super(message, cause);
        }
    }
}
