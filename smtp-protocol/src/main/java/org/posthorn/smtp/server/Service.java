package org.posthorn.smtp.server;

import org.posthorn.api.event.MailObserver;
import org.posthorn.api.intake.Intake;
import org.posthorn.api.intake.RetryRequests;
import org.posthorn.api.smtp.Reply;
import org.posthorn.smtp.server.ListenerConfig.Kind;
import org.posthorn.smtp.server.sasl.SaslSources;
import org.posthorn.smtp.tls.ListenerTls;
import org.posthorn.smtp.tls.ServerTls;

import java.time.InstantSource;
import java.util.Optional;

/// What all sessions of one listener share. Immutable.
///
/// @param listener the listener's name
/// @param config the listener's block
/// @param settings what the operator says
/// @param tls TLS as this listener offers it
/// @param doorkeeper counts clients
/// @param hooks the plugins
/// @param intake where mail goes
/// @param retries whom to ask to have mail tried
/// @param observer is told of everything
/// @param clock gives the time
/// @param greeting the first reply
/// @param helo the reply to `HELO`
/// @param vrfy the reply to `VRFY`
/// @param expn the reply to `EXPN`
/// @param help the reply to `HELP`
/// @param offers what `EHLO` offers
/// @param parameters what may stand behind paths
/// @param authenticator what is made of `AUTH`
record Service(
        String listener,
        ListenerConfig config,
        SmtpSettings settings,
        Optional<ListenerTls> tls,
        Doorkeeper doorkeeper,
        HookChain hooks,
        Intake intake,
        RetryRequests retries,
        MailObserver observer,
        InstantSource clock,
        Reply greeting,
        Reply helo,
        Reply vrfy,
        Reply expn,
        Reply help,
        Offers offers,
        MailParameters parameters,
        Authenticator authenticator) {

    static Service of(
            String listener,
            SmtpSettings settings,
            Optional<ServerTls> tls,
            Doorkeeper doorkeeper,
            HookChain hooks,
            Intake intake,
            RetryRequests retries,
            MailObserver observer,
            InstantSource clock,
            SaslSources sources,
            AuthFailures failures) {
        String hostname = settings.hostname().ascii();
        ListenerConfig config = settings.listener(listener);
        String protocol = config.kind() == Kind.LMTP ? "LMTP" : "ESMTP";
        Authenticator authenticator = new Authenticator(config, settings.auth(), sources, failures);
        Offers offers = new Offers(settings, config, tls.isPresent(), authenticator);
        return new Service(
                listener,
                config,
                settings,
                tls.map(it -> it.listener(config.clientPolicy())),
                doorkeeper,
                hooks,
                intake,
                retries,
                observer,
                clock,
                Reply.plain(220, hostname + " " + protocol + " Posthorn"),
                Reply.plain(250, hostname),
                settings.extensions().vrfyReply(),
                settings.extensions().expnReply(),
                settings.extensions()
                        .helpReply(config.kind() == Kind.LMTP, offers.any(Extension.CHUNKING)),
                offers,
                new MailParameters(offers, settings),
                authenticator);
    }

    /// Tells whether the listener speaks LMTP (RFC 2033).
    boolean isLmtp() {
        return config.kind() == Kind.LMTP;
    }

    /// Returns what `STARTTLS` is to use, where it is offered.
    Optional<ListenerTls> startTls() {
        return offers.any(Extension.STARTTLS) ? tls : Optional.empty();
    }
}
