package org.posthorn.smtp.server;

import io.netty.util.concurrent.EventExecutor;

import org.posthorn.api.event.MailEvent;
import org.posthorn.api.intake.QueueUnavailableException;
import org.posthorn.api.mail.Envelope;
import org.posthorn.api.mail.Mailbox;
import org.posthorn.api.mail.MessageId;
import org.posthorn.api.mail.Recipient;
import org.posthorn.api.plugin.CloseReason;
import org.posthorn.api.plugin.Session;
import org.posthorn.api.smtp.Reply;
import org.posthorn.smtp.server.Asking.Answer;
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
import org.posthorn.smtp.server.Ruling.Passed;
import org.posthorn.smtp.server.Ruling.Refused;
import org.posthorn.smtp.server.State.Addressing;
import org.posthorn.smtp.server.State.Closed;
import org.posthorn.smtp.server.State.Connected;
import org.posthorn.smtp.server.State.Open;
import org.posthorn.smtp.server.State.Ready;
import org.posthorn.smtp.server.State.Receiving;
import org.posthorn.smtp.server.State.Securing;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/// One SMTP session, from greeting to goodbye (RFC 5321 §3 and §4.1.4).
///
/// [#next(Open, Command)] is the protocol: which command is allowed when. Each method below it is
/// one command: what the plugins say, then what happens. Confined to the session's event loop; one
/// thing at a time, and a result that is not there yet is a future that completes on that loop.
final class Conversation {
    private static final Logger LOG = LoggerFactory.getLogger(Conversation.class);
    private static final Connected CONNECTED = new Connected();
    private static final Ready READY = new Ready();

    private final Service service;
    private final LiveSession session;
    private final SessionPlugins plugins;
    private final EventExecutor loop;
    private State state = CONNECTED;
    private boolean begun;
    private boolean gone;
    private int errors;
    private int transactions;
    private int messages;

    Conversation(Service service, LiveSession session, EventExecutor loop) {
        this.service = service;
        this.session = session;
        this.loop = loop;
        this.plugins =
                new SessionPlugins(
                        session, service.hooks(), loop, service.observer(), service.clock());
    }

    State state() {
        return state;
    }

    Session session() {
        return session;
    }

    /// Begins: tells of the connection, has the plugins join, and greets.
    CompletableFuture<Step> greet() {
        begun = true;
        service.observer()
                .tell(
                        new MailEvent.Connected(
                                session.since(),
                                session.id(),
                                session.listener(),
                                session.client()));
        return safely(
                        plugins.join()
                                .thenCompose(
                                        _ ->
                                                plugins.ask(
                                                        Hook.CONNECT,
                                                        (hooks, _) -> hooks.connect(session)))
                                .thenApply(this::greeting))
                .thenApply(step -> enter("CONNECT", "", step));
    }

    private Step greeting(Answer answer) {
        return switch (answer.ruling()) {
            case Passed _ -> Step.to(CONNECTED, service.greeting());
            case Refused refused ->
                    new Step(new Closed(CloseReason.REFUSED), refused.reply(), refused.plugin());
        };
    }

    /// Takes a command.
    CompletableFuture<Step> next(Open now, Command command) {
        CompletableFuture<Step> step = safely(attempt(now, command));
        return step.isDone()
                ? CompletableFuture.completedFuture(enter(command, step.resultNow()))
                : step.thenApply(done -> enter(command, done));
    }

    private CompletableFuture<Step> attempt(Open now, Command command) {
        try {
            return step(now, command);
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private record Turn(Open now, Command command) {}

    private CompletableFuture<Step> step(Open now, Command command) {
        return switch (new Turn(now, command)) {
            case Turn(_, Quit _) -> step(new Closed(CloseReason.QUIT), Replies.BYE);
            case Turn(_, Noop _) -> step(now, Replies.OK);
            case Turn(_, Help _) -> step(now, Replies.HELP);
            case Turn(_, Vrfy _) -> step(now, Replies.CANNOT_VERIFY);
            case Turn(_, Expn _) -> step(now, Replies.NOT_IMPLEMENTED);
            case Turn(_, Unknown _) -> step(now, Replies.UNKNOWN_COMMAND);
            case Turn(_, Malformed(_, var reply)) -> step(now, reply);
            case Turn(_, Ehlo(var name)) -> hello(now, name, true);
            case Turn(_, Helo(var name)) -> hello(now, name, false);
            case Turn(Connected _, Rset _) -> step(now, Replies.OK);
            case Turn(Ready _, Rset _) -> step(now, Replies.OK);
            case Turn(Addressing _, Rset _) -> step(READY, Replies.OK);
            case Turn(Ready ready, Mail mail) -> mail(ready, mail);
            case Turn(Addressing open, Rcpt rcpt) -> rcpt(open, rcpt);
            case Turn(Addressing open, Data _) -> data(open);
            case Turn(Ready ready, StartTls _) -> startTls(ready);
            case Turn(Connected _, Mail _),
                    Turn(Connected _, Rcpt _),
                    Turn(Connected _, Data _),
                    Turn(Connected _, StartTls _) ->
                    step(now, Replies.HELLO_FIRST);
            case Turn(Ready _, Rcpt _), Turn(Ready _, Data _) -> step(now, Replies.MAIL_FIRST);
            case Turn(Addressing _, Mail _) -> step(now, Replies.MAIL_ALREADY);
            case Turn(Addressing _, StartTls _) -> step(now, Replies.NOT_NOW);
        };
    }

    private static CompletableFuture<Step> step(State state, Reply reply) {
        return CompletableFuture.completedFuture(Step.to(state, reply));
    }

    private CompletableFuture<Step> hello(Open now, String name, boolean extended) {
        return plugins.ask(Hook.EHLO, (hooks, _) -> hooks.ehlo(session, name))
                .thenApply(
                        answer ->
                                switch (answer.ruling()) {
                                    case Refused refused -> Step.refused(now, refused);
                                    case Passed _ -> {
                                        session.hello(name, extended);
                                        yield Step.to(READY, welcome(extended));
                                    }
                                });
    }

    private Reply welcome(boolean extended) {
        if (!extended) {
            return service.helo();
        }
        boolean offer = session.tls().isEmpty() && service.startTls().isPresent();
        return offer ? service.ehloWithTls() : service.ehlo();
    }

    private CompletableFuture<Step> mail(Ready ready, Mail mail) {
        Reply unfit = MailParameters.check(mail, service.settings().message().maxSize());
        if (unfit != null) {
            return step(ready, unfit);
        }
        Envelope envelope = Envelope.from(mail.from(), MailParameters.lasting(mail.parameters()));
        OpenTransaction begun =
                OpenTransaction.begin(envelope, MailParameters.size(mail.parameters()));
        return plugins.ask(
                        Hook.MAIL,
                        (hooks, view) -> hooks.mail(view, mail.from(), mail.parameters()),
                        begun,
                        Ruling.PASSED)
                .thenApply(
                        answer ->
                                switch (answer.ruling()) {
                                    case Refused refused -> Step.refused(ready, refused);
                                    case Passed _ ->
                                            Step.to(
                                                    new Addressing(answer.transaction()),
                                                    Replies.SENDER_OK);
                                });
    }

    private CompletableFuture<Step> rcpt(Addressing open, Rcpt rcpt) {
        OpenTransaction transaction = open.transaction();
        Reply unfit = MailParameters.check(rcpt, transaction.envelope().parameters());
        if (unfit != null) {
            return step(open, unfit);
        }
        if (transaction.accepted() >= service.settings().limits().maxRecipients()) {
            return step(open, Replies.TOO_MANY_RECIPIENTS);
        }
        Recipient recipient = new Recipient(mailbox(rcpt.to()), rcpt.parameters());
        if (transaction.fate().discard().isPresent()) {
            return step(new Addressing(transaction.to(recipient)), Replies.RECIPIENT_OK);
        }
        boolean vouched =
                rcpt.to() instanceof ForwardPath.Postmaster
                        || transaction.fate().redirect().isPresent();
        return plugins.ask(
                        Hook.RCPT,
                        (hooks, view) -> hooks.rcpt(view, recipient),
                        transaction,
                        vouched ? Ruling.PASSED : Refused.by(Replies.RELAY_DENIED))
                .thenApply(
                        answer ->
                                switch (answer.ruling()) {
                                    case Refused refused ->
                                            Step.refused(
                                                    new Addressing(answer.transaction()), refused);
                                    case Passed _ ->
                                            Step.to(
                                                    new Addressing(
                                                            answer.transaction().to(recipient)),
                                                    Replies.RECIPIENT_OK);
                                });
    }

    private Mailbox mailbox(ForwardPath path) {
        return switch (path) {
            case ForwardPath.To(var mailbox) -> mailbox;
            case ForwardPath.Postmaster _ ->
                    new Mailbox("postmaster", service.settings().hostname());
        };
    }

    private CompletableFuture<Step> data(Addressing open) {
        OpenTransaction transaction = open.transaction();
        if (transaction.accepted() == 0) {
            return step(open, Replies.NO_RECIPIENTS);
        }
        if (transaction.fate().discard().isPresent()) {
            return CompletableFuture.completedFuture(receive(transaction));
        }
        return plugins.ask(Hook.DATA, (hooks, view) -> hooks.data(view), transaction, Ruling.PASSED)
                .thenApply(
                        answer ->
                                switch (answer.ruling()) {
                                    case Refused refused ->
                                            Step.refused(
                                                    new Addressing(answer.transaction()), refused);
                                    case Passed _ -> receive(answer.transaction());
                                });
    }

    private Step receive(OpenTransaction transaction) {
        if (gone) {
            return Step.to(new Closed(CloseReason.CLIENT_LEFT), Replies.BYE);
        }
        try {
            var draft =
                    transaction.fate().discard().isPresent()
                            ? new NoDraft()
                            : service.intake().begin(transaction.declaredSize());
            var reception = new Reception(draft, service.settings().message());
            return Step.to(new Receiving(transaction, reception), Replies.START_CONTENT);
        } catch (QueueUnavailableException e) {
            LOG.warn("no content is taken now: {}", e.getMessage());
            return Step.to(READY, e.reply());
        }
    }

    /// Takes a message whose content is complete.
    CompletableFuture<Step> received(Receiving receiving) {
        transactions++;
        Reception reception = receiving.reception();
        CompletableFuture<Step> step =
                safely(judge(receiving).whenComplete((_, _) -> reception.close()));
        return step.thenApply(done -> enter("DATA", "", done));
    }

    private CompletableFuture<Step> judge(Receiving receiving) {
        OpenTransaction transaction = receiving.transaction();
        Reception reception = receiving.reception();
        Reply fault = reception.fault();
        if (fault != null) {
            return step(READY, fault);
        }
        if (reception.header().received() > service.settings().message().maxReceived()) {
            return step(READY, Replies.LOOP);
        }
        if (transaction.fate().discard().isPresent()) {
            return CompletableFuture.completedFuture(discard(transaction));
        }
        return plugins.ask(
                        Hook.MESSAGE,
                        (hooks, view) -> hooks.message(view, new DraftMessage(reception)),
                        transaction,
                        Ruling.PASSED)
                .thenCompose(
                        answer ->
                                switch (answer.ruling()) {
                                    case Refused refused ->
                                            CompletableFuture.completedFuture(
                                                    Step.refused(READY, refused));
                                    case Passed _ -> accept(answer.transaction(), reception);
                                });
    }

    private CompletableFuture<Step> accept(OpenTransaction transaction, Reception reception) {
        if (transaction.fate().discard().isPresent()
                || !transaction.finalEnvelope().hasRecipients()) {
            return CompletableFuture.completedFuture(discard(transaction));
        }
        if (gone) {
            return step(new Closed(CloseReason.CLIENT_LEFT), Replies.BYE);
        }
        Acceptance acceptance =
                Acceptance.of(service, session, transactions, transaction, reception);
        var commit = reception.draft().commit(acceptance.submission()).toCompletableFuture();
        return onLoop(commit).thenApply(id -> accepted(acceptance, id));
    }

    private Step accepted(Acceptance acceptance, MessageId id) {
        messages++;
        errors = 0;
        service.observer().tell(acceptance.event(id, service.clock().instant()));
        return Step.to(READY, Replies.queued(id));
    }

    /// Takes a result from another thread to the session's own.
    private <T> CompletableFuture<T> onLoop(CompletableFuture<T> result) {
        return result.isDone()
                ? result
                : result.handleAsync((_, _) -> result, loop).thenCompose(Function.identity());
    }

    private Step discard(OpenTransaction transaction) {
        Fate.Discard why =
                transaction
                        .fate()
                        .discard()
                        .orElseGet(() -> new Fate.Discard("", "no recipient is left"));
        service.observer()
                .tell(
                        new MailEvent.Discarded(
                                service.clock().instant(),
                                session.id(),
                                transaction.finalEnvelope(),
                                why.plugin(),
                                why.reason()));
        return Step.to(READY, Replies.OK);
    }

    private CompletableFuture<Step> startTls(Ready ready) {
        if (session.tls().isPresent()) {
            return step(ready, Replies.TLS_ALREADY);
        }
        return service.startTls().isPresent()
                ? step(new Securing(), Replies.READY_FOR_TLS)
                : step(ready, Replies.NO_TLS);
    }

    /// Refuses what stands behind `STARTTLS` in clear text: a command injection (RFC 3207 §6).
    Step injected() {
        return enter(
                "STARTTLS", "", Step.to(new Closed(CloseReason.REFUSED), Replies.PIPELINED_TLS));
    }

    /// Begins anew, under TLS (RFC 3207 §4.2).
    void secured(Session.Tls facts) {
        session.secured(facts);
        state = CONNECTED;
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
        gone = true;
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
                                messages));
    }

    /// Drops content that is still coming in. What is complete is closed by whoever judges it.
    private void drop() {
        if (state instanceof Receiving(_, var reception) && !reception.complete()) {
            reception.close();
        }
    }

    /// Whatever goes wrong is ours to regret: the client may try again (451).
    private CompletableFuture<Step> safely(CompletableFuture<Step> step) {
        if (step.isDone() && !step.isCompletedExceptionally()) {
            return step;
        }
        return step.exceptionally(
                failure -> {
                    Throwable cause = failure.getCause() == null ? failure : failure.getCause();
                    State next = state instanceof Receiving ? READY : state;
                    if (cause instanceof QueueUnavailableException unavailable) {
                        LOG.warn("a message cannot be committed: {}", unavailable.getMessage());
                        return Step.to(next, unavailable.reply());
                    }
                    LOG.error("session {} failed", session.id(), cause);
                    return Step.to(next, Replies.LOCAL_ERROR);
                });
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
        if (reply.isPermanent() && ++errors >= service.settings().limits().maxErrors()) {
            state = new Closed(CloseReason.REFUSED);
            return Step.to(state, Replies.TOO_MANY_ERRORS);
        }
        return step;
    }
}
