package org.posthorn.smtp.server;

import io.netty.util.concurrent.EventExecutor;

import org.posthorn.api.event.MailEvent;
import org.posthorn.api.intake.QueueUnavailableException;
import org.posthorn.api.plugin.CloseReason;
import org.posthorn.api.plugin.Session;
import org.posthorn.api.smtp.Reply;
import org.posthorn.smtp.server.Command.Auth;
import org.posthorn.smtp.server.Command.Data;
import org.posthorn.smtp.server.Command.Ehlo;
import org.posthorn.smtp.server.Command.Expn;
import org.posthorn.smtp.server.Command.Helo;
import org.posthorn.smtp.server.Command.Help;
import org.posthorn.smtp.server.Command.Mail;
import org.posthorn.smtp.server.Command.Malformed;
import org.posthorn.smtp.server.Command.Noop;
import org.posthorn.smtp.server.Command.Quit;
import org.posthorn.smtp.server.Command.Rcpt;
import org.posthorn.smtp.server.Command.Rset;
import org.posthorn.smtp.server.Command.StartTls;
import org.posthorn.smtp.server.Command.Unknown;
import org.posthorn.smtp.server.Command.Vrfy;
import org.posthorn.smtp.server.State.Addressing;
import org.posthorn.smtp.server.State.Authenticating;
import org.posthorn.smtp.server.State.Closed;
import org.posthorn.smtp.server.State.Connected;
import org.posthorn.smtp.server.State.Open;
import org.posthorn.smtp.server.State.Ready;
import org.posthorn.smtp.server.State.Receiving;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;

/// One SMTP session, from greeting to goodbye (RFC 5321 §3 and §4.1.4).
///
/// [#step(Open, Command)] is the protocol: which command is allowed when. What a command does is in
/// one class for each group of commands. Confined to the session's event loop; one thing at a time,
/// and a result that is not there yet is a future that completes on that loop.
final class Conversation {
    private static final Logger LOG = LoggerFactory.getLogger(Conversation.class);

    private final Service service;
    private final LiveSession session;
    private final SessionPlugins plugins;
    private final HelloCommands hellos;
    private final EnvelopeCommands envelopes;
    private final AuthCommands authentications;
    private final ContentCommands contents;
    private State state = State.CONNECTED;
    private boolean begun;

    Conversation(Service service, LiveSession session, EventExecutor loop) {
        this.service = service;
        this.session = session;
        session.counting(
                () -> service.authenticator().failures().from(session.client().getAddress()));
        this.plugins =
                new SessionPlugins(
                        session, service.hooks(), loop, service.observer(), service.clock());
        this.hellos = new HelloCommands(service, session, plugins);
        this.envelopes = new EnvelopeCommands(service, session, plugins);
        this.authentications = new AuthCommands(service, session, loop);
        this.contents = new ContentCommands(service, session, plugins, loop);
    }

    State state() {
        return state;
    }

    Session session() {
        return session;
    }

    /// Begins.
    CompletableFuture<Step> greet() {
        begun = true;
        return safely(hellos::greet).thenApply(step -> enter("CONNECT", "", step));
    }

    /// Takes a command.
    CompletableFuture<Step> next(Open now, Command command) {
        CompletableFuture<Step> step = safely(() -> step(now, command));
        return step.isDone()
                ? CompletableFuture.completedFuture(enter(command, step.resultNow()))
                : step.thenApply(done -> enter(command, done));
    }

    private record Turn(Open now, Command command) {}

    private CompletableFuture<Step> step(Open now, Command command) {
        return switch (new Turn(now, command)) {
            case Turn(_, Quit _) -> Step.at(new Closed(CloseReason.QUIT), Replies.BYE);
            case Turn(_, Noop _) -> Step.at(now, Replies.OK);
            case Turn(_, Help _) -> Step.at(now, service.help());
            case Turn(_, Vrfy _) -> Step.at(now, service.vrfy());
            case Turn(_, Expn _) -> Step.at(now, service.expn());
            case Turn(_, Unknown _) -> Step.at(now, Replies.UNKNOWN_COMMAND);
            case Turn(_, Malformed(_, var reply)) -> Step.at(now, reply);
            case Turn(_, Ehlo(var name)) -> hellos.hello(now, name, true);
            case Turn(_, Helo(var name)) -> hellos.hello(now, name, false);
            case Turn(Connected _, Rset _) -> Step.at(now, Replies.OK);
            case Turn(Ready _, Rset _) -> Step.at(now, Replies.OK);
            case Turn(Addressing _, Rset _) -> Step.at(State.READY, Replies.OK);
            case Turn(Ready ready, Mail mail) -> envelopes.mail(ready, mail);
            case Turn(Addressing open, Rcpt rcpt) -> envelopes.rcpt(open, rcpt);
            case Turn(Addressing open, Data _) -> contents.data(open);
            case Turn(Ready ready, StartTls _) -> hellos.startTls(ready);
            case Turn(Ready ready, Auth auth) -> authentications.auth(ready, auth);
            case Turn(Connected _, Mail _),
                    Turn(Connected _, Rcpt _),
                    Turn(Connected _, Data _),
                    Turn(Connected _, StartTls _),
                    Turn(Connected _, Auth _) ->
                    Step.at(now, Replies.HELLO_FIRST);
            case Turn(Ready _, Rcpt _), Turn(Ready _, Data _) -> Step.at(now, Replies.MAIL_FIRST);
            case Turn(Addressing _, Mail _) -> Step.at(now, Replies.MAIL_ALREADY);
            case Turn(Addressing _, StartTls _), Turn(Addressing _, Auth _) ->
                    Step.at(now, Replies.NOT_NOW);
        };
    }

    /// Takes a line of an authentication exchange.
    CompletableFuture<Step> respond(Authenticating now, AuthResponse response) {
        return safely(() -> authentications.respond(now, response))
                .thenApply(step -> enter("AUTH", now.dialogue().mechanism(), step));
    }

    /// Takes a message whose content is complete.
    CompletableFuture<Step> received(Receiving receiving) {
        return safely(() -> contents.received(receiving))
                .thenApply(done -> enter("DATA", "", done));
    }

    /// Refuses what stands behind `STARTTLS` in clear text: a command injection (RFC 3207 §6).
    Step injected() {
        return enter(
                "STARTTLS", "", Step.to(new Closed(CloseReason.REFUSED), Replies.PIPELINED_TLS));
    }

    /// Begins anew, under TLS (RFC 3207 §4.2).
    ///
    /// @param bindings what an exchange of SASL can be bound by
    void secured(Session.Tls facts, Map<String, byte[]> bindings) {
        session.secured(facts);
        session.bindings(bindings);
        state = State.CONNECTED;
        service.observer()
                .tell(
                        new MailEvent.Secured(
                                service.clock().instant(), session.id(), session.client(), facts));
    }

    /// Ends the session from our side.
    void close(CloseReason reason) {
        drop();
        state = new Closed(reason);
    }

    /// Ends everything, when the connection is gone. To be called once; nobody is told of a session
    /// that TLS kept from beginning.
    ///
    /// @param reason why, unless the session was closed for another reason before
    void gone(CloseReason reason) {
        session.leave();
        if (!begun) {
            return;
        }
        drop();
        CloseReason known = state instanceof Closed(var earlier) ? earlier : reason;
        plugins.close(known);
        service.observer()
                .tell(
                        new MailEvent.Disconnected(
                                service.clock().instant(),
                                session.id(),
                                session.client(),
                                known,
                                session.messages()));
    }

    /// Drops content that is still coming in. What is complete is closed by whoever judges it.
    private void drop() {
        if (state instanceof Receiving(_, var reception) && !reception.complete()) {
            reception.close();
        }
        if (state instanceof Authenticating(var dialogue)) {
            dialogue.close();
        }
    }

    /// Whatever goes wrong is ours to regret: the client may try again (451).
    private CompletableFuture<Step> safely(Supplier<CompletableFuture<Step>> work) {
        CompletableFuture<Step> step;
        try {
            step = work.get();
        } catch (RuntimeException e) {
            return CompletableFuture.completedFuture(regret(e));
        }
        return step.isDone() && !step.isCompletedExceptionally()
                ? step
                : step.exceptionally(this::regret);
    }

    private Step regret(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null
                        ? failure.getCause()
                        : failure;
        State next =
                state instanceof Receiving || state instanceof Authenticating ? State.READY : state;
        if (cause instanceof QueueUnavailableException unavailable) {
            LOG.warn("a message cannot be committed: {}", unavailable.getMessage());
            return Step.to(next, unavailable.reply());
        }
        LOG.error("session {} failed", session.id(), cause);
        return Step.to(next, Replies.LOCAL_ERROR);
    }

    private Step enter(Command command, Step step) {
        return step.reply().code() < 400
                ? enter("", "", step)
                : enter(Command.verb(command), Command.argument(command), step);
    }

    private Step enter(String verb, String argument, Step step) {
        state = step.state();
        Reply reply = step.reply();
        if (reply.code() < 400) {
            return step;
        }
        service.observer()
                .tell(
                        new MailEvent.Refused(
                                service.clock().instant(),
                                session.id(),
                                session.client(),
                                verb,
                                argument,
                                step.plugin(),
                                reply));
        if (reply.equals(Replies.UNKNOWN_COMMAND)
                && session.puzzled() >= service.settings().limits().maxUnknownCommands()) {
            state = new Closed(CloseReason.REFUSED);
            return Step.to(state, Replies.TOO_MANY_UNKNOWN);
        }
        if (reply.isPermanent() && session.failed() >= service.settings().limits().maxErrors()) {
            state = new Closed(CloseReason.REFUSED);
            return Step.to(state, Replies.TOO_MANY_ERRORS);
        }
        return step;
    }
}
