package org.posthorn.smtp.server;

import io.netty.util.concurrent.EventExecutor;

import org.posthorn.api.event.MailEvent;
import org.posthorn.api.intake.QueueUnavailableException;
import org.posthorn.api.mail.MessageId;
import org.posthorn.api.plugin.CloseReason;
import org.posthorn.api.smtp.Reply;
import org.posthorn.smtp.server.AuthConfig.SenderCheck;
import org.posthorn.smtp.server.Ruling.Passed;
import org.posthorn.smtp.server.Ruling.Refused;
import org.posthorn.smtp.server.State.Addressing;
import org.posthorn.smtp.server.State.Closed;
import org.posthorn.smtp.server.State.Receiving;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/// The content, from `DATA` to the commit (RFC 5321 §4.1.1.4). Confined to the session's event
/// loop.
final class ContentCommands {
    private static final Logger LOG = LoggerFactory.getLogger(ContentCommands.class);

    private final Service service;
    private final LiveSession session;
    private final SessionPlugins plugins;
    private final EventExecutor loop;

    ContentCommands(
            Service service, LiveSession session, SessionPlugins plugins, EventExecutor loop) {
        this.service = service;
        this.session = session;
        this.plugins = plugins;
        this.loop = loop;
    }

    CompletableFuture<Step> data(Addressing open) {
        OpenTransaction transaction = open.transaction();
        if (transaction.accepted() == 0) {
            return Step.at(open, Replies.NO_RECIPIENTS);
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
        if (session.gone()) {
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
            return Step.to(State.READY, e.reply());
        }
    }

    /// Takes a message whose content is complete.
    CompletableFuture<Step> received(Receiving receiving) {
        int number = session.received();
        Reception reception = receiving.reception();
        try {
            return judge(receiving, number).whenComplete((_, _) -> reception.close());
        } catch (RuntimeException e) {
            reception.close();
            throw e;
        }
    }

    private CompletableFuture<Step> judge(Receiving receiving, int number) {
        OpenTransaction transaction = receiving.transaction();
        Reception reception = receiving.reception();
        Reply fault = reception.fault();
        if (fault != null) {
            return Step.at(State.READY, fault);
        }
        if (reception.header().received() > service.settings().message().maxReceived()) {
            return Step.at(State.READY, Replies.LOOP);
        }
        if (transaction.fate().discard().isPresent()) {
            return CompletableFuture.completedFuture(discard(transaction));
        }
        if (service.authenticator().checks(SenderCheck.HEADER)
                && !Completion.isOwn(reception.header().asSent(), session)) {
            return Step.at(State.READY, Replies.FOREIGN_HEADER);
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
                                                    Step.refused(State.READY, refused));
                                    case Passed _ ->
                                            accept(answer.transaction(), reception, number);
                                });
    }

    private CompletableFuture<Step> accept(
            OpenTransaction transaction, Reception reception, int number) {
        if (transaction.fate().discard().isPresent()
                || !transaction.finalEnvelope().hasRecipients()) {
            return CompletableFuture.completedFuture(discard(transaction));
        }
        if (session.gone()) {
            return Step.at(new Closed(CloseReason.CLIENT_LEFT), Replies.BYE);
        }
        Acceptance acceptance = Acceptance.of(service, session, number, transaction, reception);
        var commit = reception.draft().commit(acceptance.submission()).toCompletableFuture();
        return onLoop(commit).thenApply(id -> accepted(acceptance, id));
    }

    private Step accepted(Acceptance acceptance, MessageId id) {
        session.accepted();
        service.observer().tell(acceptance.event(id, service.clock().instant()));
        return Step.to(State.READY, Replies.queued(id));
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
        return Step.to(State.READY, Replies.OK);
    }
}
