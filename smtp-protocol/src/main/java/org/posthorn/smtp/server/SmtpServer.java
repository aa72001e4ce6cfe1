package org.posthorn.smtp.server;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelOption;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.util.concurrent.GlobalEventExecutor;

import org.posthorn.api.event.MailObserver;
import org.posthorn.api.intake.Intake;
import org.posthorn.api.intake.RetryRequests;
import org.posthorn.smtp.EventLoops;
import org.posthorn.smtp.server.ListenerConfig.Tls;
import org.posthorn.smtp.server.sasl.SaslSources;
import org.posthorn.smtp.tls.ServerTls;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/// The receiving side: listeners, and the sessions that they accepted. Safe for use by many
/// threads.
public final class SmtpServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SmtpServer.class);
    private static final int BACKLOG = 1024;

    private final SmtpSettings settings;
    private final Optional<ServerTls> tls;
    private final HookChain hooks;
    private final Intake intake;
    private final RetryRequests retries;
    private final MailObserver observer;
    private final InstantSource clock;
    private final EventLoops loops;
    private final Doorkeeper doorkeeper;
    private final SaslSources sources;
    private final AuthFailures failures;
    private final ChannelGroup listening = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
    private final Map<String, ChannelGroup> sessions = new ConcurrentHashMap<>();

    /// Makes a server that does not listen yet.
    ///
    /// @param settings what the operator says
    /// @param tls our certificate, without which no listener offers TLS
    /// @param hooks the plugins; still the caller's to close, after this server
    /// @param intake where mail goes
    /// @param retries whom to ask to have mail tried, where a listener takes `ETRN`
    /// @param observer is told of every session and message
    /// @param clock gives the time of events and of `Received` fields
    /// @param loops the threads; still the caller's to close, after this server
    /// @param random gives nonces and secrets, so it must not be predictable; for use by many
    /// threads
    /// @throws IllegalArgumentException when a listener has implicit TLS and there is no
    /// certificate
    public SmtpServer(
            SmtpSettings settings,
            Optional<ServerTls> tls,
            HookChain hooks,
            Intake intake,
            RetryRequests retries,
            MailObserver observer,
            InstantSource clock,
            EventLoops loops,
            RandomGenerator random) {
        this.settings = settings;
        this.tls = tls;
        this.hooks = hooks;
        this.intake = intake;
        this.retries = retries;
        this.observer = observer;
        this.clock = clock;
        this.loops = loops;
        this.sources = new SaslSources(hooks.credentials(), random);
        ClientRates rates = new ClientRates(settings.limits().clients(), clock, random);
        this.failures = new AuthFailures(settings.auth(), rates, clock, random);
        // Names of sessions go on growing over a restart, so that a log never has one twice.
        this.doorkeeper =
                new Doorkeeper(settings.limits(), rates, clock.instant().getEpochSecond() * 1000);
        settings.listeners().forEach((name, config) -> prepare(name, config));
    }

    private void prepare(String name, ListenerConfig config) {
        if (config.tls() == Tls.IMPLICIT && tls.isEmpty()) {
            throw new IllegalArgumentException(
                    "listener '" + name + "' has implicit TLS, but there is no certificate");
        }
        if (config.authentication() == ListenerConfig.Auth.REQUIRED && sources.isEmpty()) {
            LOG.warn(
                    "listener {} takes mail from users alone, and no plugin knows any: add one such as"
                            + " auth-file",
                    name);
        }
        sessions.put(name, new DefaultChannelGroup(name, GlobalEventExecutor.INSTANCE));
    }

    /// Binds all listeners, or none, and then takes connections: nobody is served by a server that
    /// does not start.
    ///
    /// @return where each listener listens, by its name
    /// @throws IOException when an address cannot be bound; the message names listener and address
    public Map<String, InetSocketAddress> start() throws IOException {
        Map<String, InetSocketAddress> bound = new TreeMap<>();
        for (String name : new TreeSet<>(settings.listeners().keySet())) {
            bound.put(name, bind(name, settings.listener(name).socketAddress()));
        }
        listening.forEach(channel -> channel.config().setAutoRead(true));
        return bound;
    }

    private InetSocketAddress bind(String name, InetSocketAddress address) throws IOException {
        ChannelFuture binding =
                new ServerBootstrap()
                        .group(loops.group())
                        .channel(loops.serverSocketChannel())
                        .option(ChannelOption.SO_BACKLOG, BACKLOG)
                        .option(ChannelOption.SO_REUSEADDR, true)
                        .option(ChannelOption.AUTO_READ, false)
                        .childOption(ChannelOption.TCP_NODELAY, true)
                        .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
                        .childHandler(acceptor(name))
                        .bind(address)
                        .awaitUninterruptibly();
        Throwable cause = binding.cause();
        if (cause != null) {
            listening.close().awaitUninterruptibly();
            throw new IOException(
                    "listener '"
                            + name
                            + "' cannot listen on "
                            + address.getAddress().getHostAddress()
                            + " port "
                            + address.getPort()
                            + ": "
                            + cause.getMessage(),
                    cause);
        }
        Channel channel = binding.channel();
        listening.add(channel);
        return (InetSocketAddress) channel.localAddress();
    }

    /// Returns what makes a session of a channel that becomes active: what listeners give to each
    /// connection, and tests to channels in memory. The channel's addresses must be Internet
    /// addresses.
    ///
    /// @param listener a listener's name
    /// @throws IllegalArgumentException when there is no such listener
    public ChannelHandler acceptor(String listener) {
        Service service =
                Service.of(
                        listener,
                        settings,
                        tls,
                        doorkeeper,
                        hooks,
                        intake,
                        retries,
                        observer,
                        clock,
                        sources,
                        failures);
        return new Acceptor(service, channels(listener));
    }

    private ChannelGroup channels(String listener) {
        ChannelGroup channels = sessions.get(listener);
        if (channels == null) {
            throw new IllegalArgumentException("there is no listener '" + listener + "'");
        }
        return channels;
    }

    /// Stops listening and lets transactions finish: sessions without one get `421 4.3.2` at once,
    /// others after the message that they are at.
    ///
    /// @param bound how long this may take; then what is left is closed, uncommitted
    /// @return whether all sessions ended by themselves
    public boolean drain(Duration bound) {
        doorkeeper.shut();
        listening.close().awaitUninterruptibly();
        long end = System.nanoTime() + bound.toNanos();
        sessions.values().forEach(SmtpServer::signal);
        boolean all = true;
        for (ChannelGroup channels : sessions.values()) {
            long left = Math.max(0, end - System.nanoTime());
            all &= channels.newCloseFuture().awaitUninterruptibly(left, TimeUnit.NANOSECONDS);
        }
        close();
        return all;
    }

    private static void signal(ChannelGroup channels) {
        channels.forEach(channel -> channel.pipeline().fireUserEventTriggered(Wire.Signal.DRAIN));
    }

    /// Stops listening and closes all sessions at once.
    @Override
    public void close() {
        doorkeeper.shut();
        listening.close().awaitUninterruptibly();
        for (ChannelGroup channels : sessions.values()) {
            signal(channels);
            channels.close().awaitUninterruptibly();
        }
    }

    /// Returns how many sessions there are now.
    public int sessions() {
        return doorkeeper.inside();
    }

    /// Returns how many sessions there are now at one listener.
    ///
    /// @param listener its name
    /// @throws IllegalArgumentException when there is no such listener
    public int sessions(String listener) {
        return channels(listener).size();
    }

    /// Returns how many connections were accepted as sessions.
    public long accepted() {
        return doorkeeper.accepted();
    }

    /// Returns how many connections were refused, by a limit or because the server stops.
    public long refused() {
        return doorkeeper.refused();
    }
}
