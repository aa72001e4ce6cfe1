package org.posthorn.server.assembly;

import com.google.inject.Exposed;
import com.google.inject.PrivateModule;
import com.google.inject.Provides;
import com.google.inject.Singleton;

import org.posthorn.api.event.MailObserver;
import org.posthorn.api.intake.Intake;
import org.posthorn.queue.Destination;
import org.posthorn.queue.Queue;
import org.posthorn.server.management.CertificateWatch;
import org.posthorn.smtp.EventLoops;
import org.posthorn.smtp.server.HookChain;
import org.posthorn.smtp.server.ListenerConfig;
import org.posthorn.smtp.server.SmtpServer;
import org.posthorn.smtp.server.SmtpSettings;
import org.posthorn.smtp.tls.ServerTls;

import java.io.IOException;
import java.time.InstantSource;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;

/// Wires the receiving side.
///
/// Needs: `PosthornConfig`, `HookChain`, `Intake`, `Queue`, `MailObserver`, `InstantSource`,
/// `EventLoops`, `RandomGenerator`,
/// `Teardown`. Offers: `SmtpServer`, `CertificateWatch`.
final class SmtpModule extends PrivateModule {
    private final Ahead<Certificates> certificates;

    /// Loads the certificates while other parts are made: the JDK takes its time for the first.
    SmtpModule(PosthornConfig config, InstantSource clock) {
        certificates = Ahead.begin("load certificates", () -> certificates(config, clock));
    }

    private record Certificates(TlsConfig files, ServerTls tls) {}

    @Override
    protected void configure() {}

    @Provides
    @Singleton
    TlsConfig tlsFiles() throws IOException {
        return certificates.result().files();
    }

    @Provides
    @Singleton
    ServerTls tls() throws IOException {
        return certificates.result().tls();
    }

    private static Certificates certificates(PosthornConfig config, InstantSource clock)
            throws IOException {
        Optional<TlsConfig> given = config.tls();
        TlsConfig files =
                given.isPresent()
                        ? given.get()
                        : SelfSigned.in(
                                config.dataDirectory().resolve("tls"),
                                config.hostname().ascii(),
                                clock);
        return new Certificates(
                files,
                ServerTls.load(
                        files.files(),
                        config.listeners().values().stream()
                                .map(ListenerConfig::clientPolicy)
                                .collect(Collectors.toUnmodifiableSet())));
    }

    @Provides
    @Exposed
    @Singleton
    CertificateWatch watch(ServerTls tls, TlsConfig files, Teardown teardown) {
        var watch = new CertificateWatch(tls);
        watch.start(files.checkInterval());
        return teardown.closing(watch);
    }

    @Provides
    @Exposed
    @Singleton
    SmtpServer server(
            PosthornConfig config,
            ServerTls tls,
            HookChain hooks,
            Intake intake,
            Queue queue,
            MailObserver observer,
            InstantSource clock,
            EventLoops loops,
            RandomGenerator random,
            Teardown teardown) {
        SmtpSettings settings =
                new SmtpSettings(
                        config.hostname(),
                        config.listeners(),
                        config.smtp(),
                        config.message(),
                        config.extensions(),
                        config.auth());
        return teardown.closing(
                new SmtpServer(
                        settings,
                        Optional.of(tls),
                        hooks,
                        intake,
                        domain -> queue.retry(new Destination(domain)),
                        observer,
                        clock,
                        loops,
                        random));
    }
}
