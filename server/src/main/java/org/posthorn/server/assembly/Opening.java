package org.posthorn.server.assembly;

import com.google.inject.Inject;

import org.posthorn.delivery.Delivery;
import org.posthorn.server.management.Management;
import org.posthorn.server.management.ManagementPort;
import org.posthorn.smtp.server.SmtpServer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.random.RandomGenerator;

import javax.management.MBeanServer;

/// Opens the made parts to the outside, one after the other, and has them closed in the opposite
/// order: no more mail comes in, then management goes, then what goes out is finished.
final class Opening {
    private static final Logger LOG = LoggerFactory.getLogger(Opening.class);

    private final PosthornConfig config;
    private final SmtpServer smtp;
    private final Delivery delivery;
    private final Beans beans;
    private final RandomGenerator random;
    private final Teardown teardown;
    private volatile Map<String, InetSocketAddress> listening = Map.of();

    @Inject
    Opening(
            PosthornConfig config,
            SmtpServer smtp,
            Delivery delivery,
            Beans beans,
            RandomGenerator random,
            Teardown teardown) {
        this.config = config;
        this.smtp = smtp;
        this.delivery = delivery;
        this.beans = beans;
        this.random = random;
        this.teardown = teardown;
    }

    /// Opens everything: the listeners when all is there that mail needs, and the management's port
    /// is ours; and the rest of management after them, since the JDK takes its time to make its own
    /// beans, and a client need not wait for those. Once somebody was listened to, the start does
    /// not fail any more.
    ///
    /// @return where each listener listens, by its name
    /// @throws IOException when an address cannot be bound; the message names it
    Map<String, InetSocketAddress> open() throws IOException {
        Deadline deadline = new Deadline(config.drainTimeout());
        Path directory = config.dataDirectory().resolve("jmx");
        ManagementPort.Reserved port =
                teardown.closing(ManagementPort.reserve(config.jmx(), directory, random));
        delivery.start();
        teardown.add(() -> ended("deliveries", delivery.drain(deadline.left())));
        Teardown management = teardown.closing(new Teardown());
        listening = smtp.start();
        teardown.add(() -> ended("sessions", smtp.drain(deadline.left())));
        teardown.add(deadline::start);
        manage(management, port);
        return listening;
    }

    private void manage(Teardown teardown, ManagementPort.Reserved reserved) {
        try {
            MBeanServer server = ManagementFactory.getPlatformMBeanServer();
            beans.export(config, () -> listening, new Management(server), teardown);
            ManagementPort port = teardown.closing(ManagementPort.open(reserved, server));
            port.announce();
        } catch (IOException | RuntimeException e) {
            LOG.error("mail flows, but cannot be managed until the server is started again", e);
        }
    }

    private void ended(String what, boolean all) {
        if (!all) {
            LOG.warn("some {} did not end within {} and were cut", what, config.drainTimeout());
        }
    }

    /// The time that all of stopping may take. Runs from when it is started.
    private static final class Deadline {
        private final Duration bound;
        private volatile long start = System.nanoTime();

        private Deadline(Duration bound) {
            this.bound = bound;
        }

        private void start() {
            start = System.nanoTime();
        }

        private Duration left() {
            Duration left = bound.minusNanos(System.nanoTime() - start);
            return left.isNegative() ? Duration.ZERO : left;
        }
    }
}
