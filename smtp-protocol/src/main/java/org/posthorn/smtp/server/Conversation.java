package org.posthorn.smtp.server;

import io.netty.util.concurrent.EventExecutor;

import org.jspecify.annotations.Nullable;
import org.posthorn.api.event.MailEvent;
import org.posthorn.api.plugin.CloseReason;
import org.posthorn.api.plugin.Session;
import org.posthorn.api.smtp.Reply;
import org.posthorn.smtp.server.Command.Auth;
import org.posthorn.smtp.server.Command.Bdat;
import org.posthorn.smtp.server.Command.Data;
import org.posthorn.smtp.server.Command.Ehlo;
import org.posthorn.smtp.server.Command.Etrn;
import org.posthorn.smtp.server.Command.Expn;
import org.posthorn.smtp.server.Command.Helo;
import org.posthorn.smtp.server.Command.Help;
import org.posthorn.smtp.server.Command.Lhlo;
import org.posthorn.smtp.server.Command.Mail;
import org.posthorn.smtp.server.Command.Malformed;
import org.posthorn.smtp.server.Command.Noop;
import org.posthorn.smtp.server.Command.Quit;
import org.posthorn.smtp.server.Command.Rcpt;
import org.posthorn.smtp.server.Command.Rset;
import org.posthorn.smtp.server.Command.StartTls;
import org.posthorn.smtp.server.Command.Uncountable;
import org.posthorn.smtp.server.Command.Unknown;
import org.posthorn.smtp.server.Command.Vrfy;
import org.posthorn.smtp.server.Command.Xclient;
import org.posthorn.smtp.server.Command.Xforward;
import org.posthorn.smtp.server.State.Addressing;
import org.posthorn.smtp.server.State.Authenticating;
import org.posthorn.smtp.server.State.Chunking;
import org.posthorn.smtp.server.State.Closed;
import org.posthorn.smtp.server.State.Connected;
import org.posthorn.smtp.server.State.Open;
import org.posthorn.smtp.server.State.Ready;
import org.posthorn.smtp.server.State.Receiving;
import org.posthorn.smtp.server.State.Securing;
import org.posthorn.smtp.server.State.Swallowing;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/// One SMTP session, from greeting to goodbye (RFC 5321 §3 and §4.1.4).
///
/// [#step(Open, Command)] is the protocol: which command is allowed when. What a command does is in
/// one class for each group of commands. Confined to the session's event loop; one thing at a time,
/// and a result that is not there yet is a future that completes on that loop.
final class Conversation {
    /// A chunk so many times as big as the biggest message is not read to its end.
    private static final int HOPELESS = 4;

    private final Service service;
    private final LiveSession session;
    private final SessionPlugins plugins;
    private final HelloCommands hellos;
    private final ProxyCommands proxies;
    private final EnvelopeCommands envelopes;
    private final AuthCommands authentications;
    private final ContentCommands contents;
    private final QueueCommands queues;
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
        this.proxies = new ProxyCommands(service, session, plugins, hellos);
        this.envelopes = new EnvelopeCommands(service, session, plugins);
        this.authentications = new AuthCommands(service, session, loop);
        this.queues = new QueueCommands(service, session, loop);
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

    /// Notes that the client speaks before it is greeted.
    void talksEarly() {
        if (!session.talkedEarly()) {
            session.talkEarly();
            if (begun) {
                hellos.tellEarly();
            }
        }
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
            case Turn(_, Uncountable _) ->
                    Step.at(new Closed(CloseReason.REFUSED), Replies.UNCOUNTABLE);
            case Turn(_, Ehlo(var name)) -> hellos.ehlo(now, name);
            case Turn(_, Helo(var name)) -> hellos.helo(now, name);
            case Turn(_, Lhlo(var name)) -> hellos.lhlo(now, name);
            case Turn(Connected _, Rset _), Turn(Ready _, Rset _) -> Step.at(now, Replies.OK);
            case Turn(Addressing _, Rset _), Turn(Chunking _, Rset _) ->
                    Step.at(State.READY, Replies.OK);
            case Turn(Ready ready, Mail mail) -> envelopes.mail(ready, mail);
            case Turn(Addressing open, Rcpt rcpt) -> envelopes.rcpt(open, rcpt);
            case Turn(Addressing open, Data _) -> contents.data(open);
            case Turn(Addressing open, Bdat bdat) -> contents.bdat(open, bdat);
            case Turn(Chunking open, Bdat bdat) -> contents.bdat(open, bdat);
            case Turn(Connected _, Xclient xclient) -> proxies.xclient(now, xclient);
            case Turn(Ready _, Xclient xclient) -> proxies.xclient(now, xclient);
            case Turn(Connected _, Xforward xforward) -> proxies.xforward(now, xforward);
            case Turn(Ready _, Xforward xforward) -> proxies.xforward(now, xforward);
            case Turn(Ready ready, StartTls _) -> hellos.startTls(ready);
            case Turn(Ready ready, Auth auth) -> authentications.auth(ready, auth);
            case Turn(Ready ready, Etrn etrn) -> queues.etrn(ready, etrn);
            case Turn(Connected _, Mail _),
                    Turn(Connected _, Rcpt _),
                    Turn(Connected _, Data _),
                    Turn(Connected _, Bdat _),
                    Turn(Connected _, StartTls _),
                    Turn(Connected _, Auth _),
                    Turn(Connected _, Etrn _) ->
                    misplaced(now, service.isLmtp() ? Replies.LHLO_FIRST : Replies.HELLO_FIRST);
            case Turn(Ready _, Rcpt _), Turn(Ready _, Data _), Turn(Ready _, Bdat _) ->
                    misplaced(now, Replies.MAIL_FIRST);
            case Turn(Addressing _, Mail _) -> misplaced(now, Replies.MAIL_ALREADY);
            case Turn(Chunking _, Mail _), Turn(Chunking _, Rcpt _), Turn(Chunking _, Data _) ->
                    misplaced(now, Replies.CHUNKS_BEGUN);
            case Turn(Addressing _, Xclient _),
                    Turn(Chunking _, Xclient _),
                    Turn(Addressing _, Xforward _),
                    Turn(Chunking _, Xforward _),
                    Turn(Addressing _, StartTls _),
                    Turn(Addressing _, Auth _),
                    Turn(Addressing _, Etrn _),
                    Turn(Chunking _, StartTls _),
                    Turn(Chunking _, Auth _),
                    Turn(Chunking _, Etrn _) ->
                    misplaced(now, Replies.NOT_NOW);
        };
    }

    /// Refuses a command that comes at the wrong time, and lets plugins know (RFC 5321 §4.1.4).
    private CompletableFuture<Step> misplaced(Open now, Reply reply) {
        session.misplaced();
        return Step.at(now, reply);
    }

    /// Tells what became of a chunk whose octets are thrown away.
    Step swallowed(Swallowing swallowing) {
        return enter("BDAT", "", swallowing.then());
    }

    /// Takes a line of an authentication exchange.
    CompletableFuture<Step> respond(Authenticating now, AuthResponse response) {
        return safely(() -> authentications.respond(now, response))
                .thenApply(step -> enter("AUTH", now.dialogue().mechanism(), step));
    }

    /// Takes a message whose content is complete, or a chunk of one.
    CompletableFuture<Step> received(Receiving receiving) {
        String verb = receiving.reception().chunked() ? "BDAT" : "DATA";
        return safely(() -> contents.received(receiving)).thenApply(done -> enter(verb, "", done));
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
        Reception coming = content(state);
        if (coming != null && !coming.complete()) {
            coming.close();
        }
        if (state instanceof Authenticating(var dialogue)) {
            dialogue.close();
        }
    }

    private boolean isWithinTransaction() {
        return switch (state) {
            case Addressing _, Chunking _, Receiving _, Swallowing _ -> true;
            case Connected _, Ready _, Authenticating _, Securing _, Closed _ -> false;
        };
    }

    private static @Nullable Reception content(State state) {
        return switch (state) {
            case Receiving(_, var reception) -> reception;
            case Chunking(_, var reception) -> reception;
            case Connected _,
                    Ready _,
                    Addressing _,
                    Authenticating _,
                    Swallowing _,
                    Securing _,
                    Closed _ ->
                    null;
        };
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
        Reply reply = Regret.over(failure, session.id());
        boolean over = state instanceof Receiving || state instanceof Authenticating;
        return Step.to(over ? State.READY : state, reply);
    }

    private Step enter(Command command, Step step) {
        if (command instanceof Bdat(long size, _)) {
            return enter("BDAT", "", behind(size, step));
        }
        Reply reply = step.reply();
        return reply == null || reply.code() < 400
                ? enter("", "", step)
                : enter(Command.verb(command), Command.argument(command), step);
    }

    /// Whatever became of a chunk that nobody reads: its octets are never taken for commands. Those
    /// of a chunk beyond all measure are not waited for.
    private Step behind(long size, Step step) {
        boolean hopeless = size / HOPELESS > service.settings().message().maxSize().bytes();
        return switch (step.state()) {
            case Closed _ -> step;
            case Receiving _ when !hopeless -> step;
            case Receiving _,
                    Swallowing _,
                    Connected _,
                    Ready _,
                    Addressing _,
                    Chunking _,
                    Authenticating _,
                    Securing _ -> {
                if (size == 0) {
                    yield step;
                }
                yield hopeless
                        ? Step.to(new Closed(CloseReason.REFUSED), Replies.TOO_BIG)
                        : Step.silent(new Swallowing(new Surplus(size), step));
            }
        };
    }

    private Step enter(String verb, String argument, Step step) {
        Reception left = content(state);
        if (left != null && left != content(step.state())) {
            left.close();
        }
        if (step.state() instanceof Ready && isWithinTransaction()) {
            session.forget();
        }
        state = step.state();
        Reply reply = step.reply();
        if (reply == null || reply.code() < 400) {
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
            return new Step(state, step.before(), Replies.TOO_MANY_ERRORS, Optional.empty());
        }
        return step;
    }
}
