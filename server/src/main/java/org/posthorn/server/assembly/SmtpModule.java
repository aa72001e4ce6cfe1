package org.posthorn.server.assembly;

import com.google.inject.Exposed;
import com.google.inject.PrivateModule;
import com.google.inject.Provides;
import com.google.inject.Singleton;

import org.posthorn.api.event.MailObserver;
import org.posthorn.api.intake.Intake;
import org.posthorn.smtp.EventLoops;
import org.posthorn.smtp.server.HookChain;
import org.posthorn.smtp.server.SmtpServer;
import org.posthorn.smtp.server.SmtpSettings;
import org.posthorn.smtp.tls.ServerTls;

import java.io.IOException;
import java.time.InstantSource;
import java.util.Optional;

/// Wires the receiving side.
///
/// Needs: `PosthornConfig`, `HookChain`, `Intake`, `MailObserver`, `InstantSource`, `EventLoops`,
/// `Teardown`. Offers: `SmtpServer`.
final class SmtpModule extends PrivateModule {
    @Override
    protected void configure() {}

    @Provides
    @Singleton
    ServerTls tls(PosthornConfig config, InstantSource clock) throws IOException {
        Optional<TlsConfig> given = config.tls();
        TlsConfig files =
                given.isPresent()
                        ? given.get()
                        : SelfSigned.in(
                                config.dataDirectory().resolve("tls"),
                                config.hostname().ascii(),
                                clock);
        return ServerTls.load(files.certificate(), files.key());
    }

    @Provides
    @Exposed
    @Singleton
    SmtpServer server(
            PosthornConfig config,
            ServerTls tls,
            HookChain hooks,
            Intake intake,
            MailObserver observer,
            InstantSource clock,
            EventLoops loops,
            Teardown teardown) {
        SmtpSettings settings =
                new SmtpSettings(
                        config.hostname(),
                        config.listeners(),
                        config.smtp(),
                        config.message(),
                        config.extensions());
        return teardown.closing(
                new SmtpServer(settings, Optional.of(tls), hooks, intake, observer, clock, loops));
    }
}
