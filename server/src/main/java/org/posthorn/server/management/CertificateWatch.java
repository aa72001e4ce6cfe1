package org.posthorn.server.management;

import org.posthorn.server.mxbean.TlsMXBean;
import org.posthorn.smtp.tls.ServerTls;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/// Looks at the files of certificates from time to time, and when it is asked to. Safe for use by
/// many threads.
///
/// Files that cannot be used change nothing: what was in use stays so, and the log says why, once.
public final class CertificateWatch implements TlsMXBean, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(CertificateWatch.class);

    private final ServerTls tls;
    private final ScheduledExecutorService timer =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofVirtual().name("certificates").factory());
    private String complaint = "";

    /// Makes one that waits to be asked.
    public CertificateWatch(ServerTls tls) {
        this.tls = tls;
    }

    /// Looks at the files every now and then.
    ///
    /// @param interval zero for never
    public void start(Duration interval) {
        if (!interval.isZero()) {
            timer.scheduleWithFixedDelay(
                    this::check, interval.toNanos(), interval.toNanos(), TimeUnit.NANOSECONDS);
        }
    }

    /// Looks at the files. What is wrong with them is logged, unless it is what was wrong before.
    synchronized void check() {
        try {
            reload();
        } catch (IOException e) {
            String wrong = String.valueOf(e.getMessage());
            if (!wrong.equals(complaint)) {
                LOG.error("certificates stay as they were: {}", wrong);
            }
            complaint = wrong;
        } catch (RuntimeException e) {
            LOG.error("certificates cannot be looked at", e);
        }
    }

    @Override
    public synchronized boolean reload() throws IOException {
        boolean changed = tls.reload();
        complaint = "";
        if (changed) {
            LOG.info("certificates have changed: {}", tls.certificates());
        }
        return changed;
    }

    @Override
    public List<Certificate> getCertificates() {
        return tls.certificates().stream()
                .map(
                        it ->
                                new Certificate(
                                        it.file().toString(),
                                        it.names(),
                                        it.validUntil().toString()))
                .toList();
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
