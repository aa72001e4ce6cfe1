package org.posthorn.smtp.server;

import org.posthorn.api.event.MailObserver;
import org.posthorn.api.intake.Intake;
import org.posthorn.smtp.EventLoops;
import org.posthorn.smtp.tls.ServerTls;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;

/// The receiving side: listeners, and the sessions that they accepted. Safe for use by many
/// threads.
public final class SmtpServer implements AutoCloseable {

    /// Makes a server that does not listen yet.
    ///
    /// @param settings what the operator says
    /// @param tls our certificate, without which no listener offers TLS
    /// @param hooks the plugins; still the caller's to close, after this server
    /// @param intake where mail goes
    /// @param observer is told of every session and message
    /// @param clock gives the time of events and of `Received` fields
    /// @param loops the threads; still the caller's to close, after this server
    public SmtpServer(
            SmtpSettings settings,
            Optional<ServerTls> tls,
            HookChain hooks,
            Intake intake,
            MailObserver observer,
            InstantSource clock,
            EventLoops loops) {}

    /// Binds all listeners, or none.
    ///
    /// @return where each listener listens, by its name
    /// @throws IOException when an address cannot be bound; the message names listener and address
    public Map<String, InetSocketAddress> start() throws IOException {
        return Map.of();
    }

    /// Stops listening and lets transactions finish: sessions without one get `421 4.3.2` at once,
    /// others after the message that they are at.
    ///
    /// @param bound how long this may take; then what is left is closed, uncommitted
    /// @return whether all sessions ended by themselves
    public boolean drain(Duration bound) {
        return true;
    }

    /// Stops listening and closes all sessions at once.
    @Override
    public void close() {}

    /// Returns how many sessions there are now.
    public int sessions() {
        return 0;
    }

    /// Returns how many sessions there are now at one listener.
    ///
    /// @param listener its name
    public int sessions(String listener) {
        return 0;
    }

    /// Returns how many connections were accepted as sessions.
    public long accepted() {
        return 0;
    }

    /// Returns how many connections were refused by a limit.
    public long refused() {
        return 0;
    }
}
