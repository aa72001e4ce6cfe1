package org.posthorn.smtp.server;

import org.posthorn.api.event.MailEvent;
import org.posthorn.api.plugin.CloseReason;
import org.posthorn.api.smtp.Reply;
import org.posthorn.smtp.server.Asking.Answer;
import org.posthorn.smtp.server.Ruling.Passed;
import org.posthorn.smtp.server.Ruling.Refused;
import org.posthorn.smtp.server.State.Closed;
import org.posthorn.smtp.server.State.Open;
import org.posthorn.smtp.server.State.Ready;
import org.posthorn.smtp.server.State.Securing;

import java.util.concurrent.CompletableFuture;

/// How a session begins: the greeting, `EHLO`, `HELO`, `LHLO` and `STARTTLS` (RFC 5321 §3.1 and
/// §3.2, RFC 3207). Confined to the session's event loop.
final class HelloCommands {
    private final Service service;
    private final LiveSession session;
    private final SessionPlugins plugins;

    HelloCommands(Service service, LiveSession session, SessionPlugins plugins) {
        this.service = service;
        this.session = session;
        this.plugins = plugins;
    }

    /// Tells of the connection, has the plugins join, and greets.
    CompletableFuture<Step> greet() {
        service.observer()
                .tell(
                        new MailEvent.Connected(
                                session.since(),
                                session.id(),
                                session.listener(),
                                session.client()));
        if (session.talkedEarly()) {
            tellEarly();
        }
        return plugins.join()
                .thenCompose(_ -> plugins.ask(Hook.CONNECT, (hooks, _) -> hooks.connect(session)))
                .thenApply(this::greeting);
    }

    /// Tells of a client that does not wait for its greeting.
    void tellEarly() {
        service.observer()
                .tell(
                        new MailEvent.TalkedEarly(
                                service.clock().instant(), session.id(), session.client()));
    }

    private Step greeting(Answer answer) {
        return switch (answer.ruling()) {
            case Passed _ -> Step.to(State.CONNECTED, service.greeting());
            case Refused refused ->
                    new Step(new Closed(CloseReason.REFUSED), refused.reply(), refused.plugin());
        };
    }

    CompletableFuture<Step> ehlo(Open now, String name) {
        return service.isLmtp() ? unknown(now) : hello(now, name, true);
    }

    CompletableFuture<Step> helo(Open now, String name) {
        return service.isLmtp() ? unknown(now) : hello(now, name, false);
    }

    /// What `EHLO` is to SMTP, `LHLO` is to LMTP, and neither is known to the other (RFC 2033
    /// §4.1).
    CompletableFuture<Step> lhlo(Open now, String name) {
        return service.isLmtp() ? hello(now, name, true) : unknown(now);
    }

    private static CompletableFuture<Step> unknown(Open now) {
        return Step.at(now, Replies.UNKNOWN_COMMAND);
    }

    private CompletableFuture<Step> hello(Open now, String name, boolean extended) {
        return plugins.ask(Hook.EHLO, (hooks, _) -> hooks.ehlo(session, name))
                .thenApply(
                        answer ->
                                switch (answer.ruling()) {
                                    case Refused refused -> Step.refused(now, refused);
                                    case Passed _ -> {
                                        session.hello(name, extended);
                                        yield Step.to(
                                                State.READY, extended ? welcome() : service.helo());
                                    }
                                });
    }

    private Reply welcome() {
        return ProxyCommands.offered(
                service, session, service.offers().reply(session, service.clock().instant()));
    }

    CompletableFuture<Step> startTls(Ready ready) {
        if (session.tls().isPresent()) {
            return Step.at(ready, Replies.TLS_ALREADY);
        }
        if (service.startTls().isEmpty()) {
            return Step.at(ready, Replies.NO_TLS);
        }
        Reply often = service.doorkeeper().rates().handshake(session.client().getAddress());
        return often == null
                ? Step.at(new Securing(), Replies.READY_FOR_TLS)
                : Step.at(ready, often);
    }
}
