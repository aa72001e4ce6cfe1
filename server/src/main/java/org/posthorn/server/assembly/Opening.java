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
import java.time.Duration;
import java.util.Map;
import java.util.random.RandomGenerator;

/// Opens the made parts to the outside, one after the other, and has them closed in the opposite
/// order: management goes first, then no more mail comes in, then what goes out is finished.
final class Opening {
    private static final Logger LOG = LoggerFactory.getLogger(Opening.class);

    private final PosthornConfig config;
    private final SmtpServer smtp;
    private final Delivery delivery;
    private final Beans beans;
    private final Management management;
    private final RandomGenerator random;
    private final Teardown teardown;

    @Inject
    Opening(
            PosthornConfig config,
            SmtpServer smtp,
            Delivery delivery,
            Beans beans,
            Management management,
            RandomGenerator random,
            Teardown teardown) {
        this.config = config;
        this.smtp = smtp;
        this.delivery = delivery;
        this.beans = beans;
        this.management = management;
        this.random = random;
        this.teardown = teardown;
    }

    /// Opens everything.
    ///
    /// @return where each listener listens, by its name
    /// @throws IOException when an address cannot be bound; the message names it
    Map<String, InetSocketAddress> open() throws IOException {
        Deadline deadline = new Deadline(config.drainTimeout());
        delivery.start();
        teardown.add(() -> ended("deliveries", delivery.drain(deadline.left())));
        Map<String, InetSocketAddress> listening = smtp.start();
        teardown.add(() -> ended("sessions", smtp.drain(deadline.left())));
        beans.export(config, listening, management, teardown);
        teardown.closing(
                ManagementPort.open(
                        config.jmx(),
                        config.dataDirectory().resolve("jmx"),
                        ManagementFactory.getPlatformMBeanServer(),
                        random));
        teardown.add(deadline::start);
        return listening;
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
