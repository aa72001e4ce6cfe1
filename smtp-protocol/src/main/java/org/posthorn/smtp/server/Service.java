package org.posthorn.smtp.server;

import io.netty.handler.ssl.SslContext;

import org.posthorn.api.event.MailObserver;
import org.posthorn.api.intake.Intake;
import org.posthorn.api.smtp.Reply;
import org.posthorn.smtp.server.ListenerConfig.Tls;
import org.posthorn.smtp.tls.ServerTls;

import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What all sessions of one listener share. Immutable.
///
/// @param listener the listener's name
/// @param config the listener's block
/// @param settings what the operator says
/// @param tls our certificate
/// @param hooks the plugins
/// @param intake where mail goes
/// @param observer is told of everything
/// @param clock gives the time
/// @param greeting the first reply
/// @param helo the reply to `HELO`
/// @param ehlo the reply to `EHLO`
/// @param ehloWithTls the reply to `EHLO` where `STARTTLS` is offered
record Service(
        String listener,
        ListenerConfig config,
        SmtpSettings settings,
        Optional<ServerTls> tls,
        HookChain hooks,
        Intake intake,
        MailObserver observer,
        InstantSource clock,
        Reply greeting,
        Reply helo,
        Reply ehlo,
        Reply ehloWithTls) {

    static Service of(
            String listener,
            SmtpSettings settings,
            Optional<ServerTls> tls,
            HookChain hooks,
            Intake intake,
            MailObserver observer,
            InstantSource clock) {
        String hostname = settings.hostname().ascii();
        List<String> offers =
                List.of(
                        hostname,
                        "PIPELINING",
                        "SIZE " + settings.message().maxSize().bytes(),
                        "8BITMIME",
                        "SMTPUTF8",
                        "ENHANCEDSTATUSCODES",
                        "HELP");
        List<String> more = new ArrayList<>(offers);
        more.add("STARTTLS");
        return new Service(
                listener,
                settings.listener(listener),
                settings,
                tls,
                hooks,
                intake,
                observer,
                clock,
                Reply.plain(220, hostname + " ESMTP Posthorn"),
                Reply.plain(250, hostname),
                new Reply(250, Optional.empty(), offers),
                new Reply(250, Optional.empty(), more));
    }

    /// Returns what `STARTTLS` is to use, where it is offered.
    Optional<SslContext> startTls() {
        return config.tls() == Tls.STARTTLS ? tls.map(ServerTls::context) : Optional.empty();
    }
}
