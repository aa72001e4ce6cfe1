package org.posthorn.server.assembly;

import com.google.inject.CreationException;
import com.google.inject.Guice;
import com.google.inject.Injector;
import com.google.inject.Stage;
import com.google.inject.spi.Message;

import org.posthorn.server.config.ConfigurationException;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.InstantSource;
import java.util.Map;
import java.util.Objects;
import java.util.random.RandomGenerator;

/// The running server.
///
/// The parts are made by Guice, each after those that it needs, and remembered for [Teardown], so
/// that they are closed in the opposite order. What opens the server to the outside comes last:
/// delivery, the listeners, management.
public final class Server implements AutoCloseable {
    private final Teardown teardown;
    private final Map<String, InetSocketAddress> listening;

    private Server(Teardown teardown, Map<String, InetSocketAddress> listening) {
        this.teardown = teardown;
        this.listening = listening;
    }

    /// Starts a server.
    ///
    /// @throws StartException when it cannot start; then nothing of it is left
    /// @throws ConfigurationException when a plugin does not start with its settings; the same
    public static Server start(Configuration configuration)
            throws StartException, ConfigurationException {
        Teardown teardown = new Teardown();
        PosthornConfig config = configuration.settings();
        InstantSource clock = Clock.systemUTC();
        RandomGenerator random = new SecureRandom();
        boolean started = false;
        try {
            Injector injector =
                    Guice.createInjector(
                            Stage.PRODUCTION,
                            new SettingsModule(configuration, teardown, clock, random),
                            new EventsModule(),
                            new QueueModule(config, clock, random, teardown),
                            new NetworkModule(),
                            new PluginsModule(),
                            new SmtpModule(config, clock),
                            new DeliveryModule(),
                            new ManagementModule());
            Map<String, InetSocketAddress> listening = injector.getInstance(Opening.class).open();
            started = true;
            return new Server(teardown, listening);
        } catch (CreationException e) {
            throw reason(e);
        } catch (IOException e) {
            throw StartException.of(e);
        } finally {
            if (!started) {
                teardown.close();
            }
        }
    }

    /// What a part said when it could not be made. Anything else is a mistake of ours.
    private static StartException reason(CreationException e) throws ConfigurationException {
        Throwable cause =
                e.getErrorMessages().stream()
                        .map(Message::getCause)
                        .filter(Objects::nonNull)
                        .findFirst()
                        .orElse(e);
        if (cause instanceof ConfigurationException configuration) {
            throw configuration;
        }
        return cause instanceof IOException expected
                ? StartException.of(expected)
                : new StartException(cause.toString(), e);
    }

    /// Returns where each listener listens, by its name.
    public Map<String, InetSocketAddress> listening() {
        return listening;
    }

    /// Stops: takes no more mail, lets what has begun finish within the configured time, and closes
    /// all parts. Accepted mail stays in the queue for the next start.
    @Override
    public void close() {
        teardown.close();
    }
}
