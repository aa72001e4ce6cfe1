package org.posthorn.smtp.server;

import io.netty.util.concurrent.EventExecutor;

import org.posthorn.api.event.MailEvent;
import org.posthorn.api.mail.Mailbox;
import org.posthorn.api.mail.MessageId;
import org.posthorn.api.mail.Recipient;
import org.posthorn.api.smtp.Reply;
import org.posthorn.smtp.server.Asking.Answer;
import org.posthorn.smtp.server.AuthConfig.SenderCheck;
import org.posthorn.smtp.server.Ruling.Passed;
import org.posthorn.smtp.server.Ruling.Refused;
import org.posthorn.smtp.server.State.Receiving;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/// What is done behind the content: the server judges, plugins are asked, and the message is
/// committed. Confined to the session's event loop.
final class LastWord {
    private final Service service;
    private final LiveSession session;
    private final SessionPlugins plugins;
    private final EventExecutor loop;
    private final boolean lmtp;

    LastWord(Service service, LiveSession session, SessionPlugins plugins, EventExecutor loop) {
        this.service = service;
        this.session = session;
        this.plugins = plugins;
        this.loop = loop;
        this.lmtp = service.isLmtp();
    }

    /// Judges a message whose content is complete.
    CompletableFuture<Step> on(Receiving receiving) {
        Reception reception = receiving.reception();
        CompletableFuture<Ending> ending;
        try {
            ending = judge(receiving.transaction(), reception, session.received());
        } catch (RuntimeException e) {
            ending = CompletableFuture.failedFuture(e);
        }
        return ending.exceptionally(failure -> Ending.of(Regret.over(failure, session.id())))
                .thenApply(it -> it.step(receiving.transaction(), lmtp))
                .whenComplete((_, _) -> reception.close());
    }

    private CompletableFuture<Ending> judge(
            OpenTransaction transaction, Reception reception, int number) {
        Reply fault = reception.fault();
        if (fault != null) {
            return done(Ending.of(fault));
        }
        if (reception.header().received() > service.settings().message().maxReceived()) {
            return done(Ending.of(Replies.LOOP));
        }
        if (transaction.fate().discard().isPresent()) {
            return done(discard(transaction));
        }
        if (service.authenticator().checks(SenderCheck.HEADER)
                && !Completion.isOwn(reception.header().asSent(), session)) {
            return done(Ending.of(Replies.FOREIGN_HEADER));
        }
        DraftMessage message = new DraftMessage(reception);
        return plugins.ask(
                        Hook.MESSAGE,
                        (hooks, view) -> hooks.message(view, message),
                        transaction,
                        Ruling.PASSED)
                .thenCompose(
                        answer ->
                                switch (answer.ruling()) {
                                    case Refused refused -> done(Ending.of(refused));
                                    case Passed _ ->
                                            each(answer.transaction(), message)
                                                    .thenCompose(
                                                            it -> accept(it, reception, number));
                                });
    }

    private static CompletableFuture<Ending> done(Ending ending) {
        return CompletableFuture.completedFuture(ending);
    }

    /// A transaction, and who was refused of its recipients when they were judged one by one.
    private record Judged(OpenTransaction transaction, Map<Mailbox, Refused> refused) {}

    private CompletableFuture<Judged> each(OpenTransaction transaction, DraftMessage message) {
        boolean asked = lmtp || transaction.perRecipient();
        boolean discarded = transaction.fate().discard().isPresent();
        if (!asked || discarded || !plugins.hear(Hook.MESSAGE_FOR)) {
            return CompletableFuture.completedFuture(new Judged(transaction, Map.of()));
        }
        Map<Mailbox, Recipient> recipients = new LinkedHashMap<>();
        transaction.promised().forEach(it -> recipients.putIfAbsent(it.mailbox(), it));
        CompletableFuture<Judged> judged =
                CompletableFuture.completedFuture(new Judged(transaction, new LinkedHashMap<>()));
        for (Recipient recipient : recipients.values()) {
            judged = judged.thenCompose(before -> one(before, recipient, message));
        }
        return judged;
    }

    private CompletableFuture<Judged> one(
            Judged before, Recipient recipient, DraftMessage message) {
        return plugins.ask(
                        Hook.MESSAGE_FOR,
                        (hooks, view) -> hooks.messageFor(view, recipient, message),
                        before.transaction(),
                        Ruling.PASSED)
                .thenApply(answer -> one(before, recipient, answer));
    }

    private Judged one(Judged before, Recipient recipient, Answer answer) {
        if (answer.ruling() instanceof Refused refused) {
            before.refused().put(recipient.mailbox(), refused);
            service.observer()
                    .tell(
                            new MailEvent.Refused(
                                    service.clock().instant(),
                                    session.id(),
                                    session.client(),
                                    "DATA",
                                    recipient.mailbox().toString(),
                                    refused.plugin(),
                                    refused.reply()));
        }
        return new Judged(answer.transaction(), before.refused());
    }

    private CompletableFuture<Ending> accept(Judged judged, Reception reception, int number) {
        Map<Mailbox, Refused> refused = judged.refused();
        OpenTransaction transaction =
                refused.isEmpty()
                        ? judged.transaction()
                        : judged.transaction().without(refused.keySet());
        if (isRefusedForAll(transaction, refused)) {
            return done(Ending.of(Replies.refusedForAll(refused.values()), refused));
        }
        if (transaction.fate().discard().isPresent()
                || !transaction.finalEnvelope().hasRecipients()) {
            return done(discard(transaction));
        }
        if (session.gone()) {
            return done(Ending.of(Replies.BYE));
        }
        Acceptance acceptance = Acceptance.of(service, session, number, transaction, reception);
        var commit = reception.draft().commit(acceptance.submission()).toCompletableFuture();
        return Later.on(loop, commit).thenApply(id -> Ending.of(accepted(acceptance, id), refused));
    }

    private static boolean isRefusedForAll(
            OpenTransaction transaction, Map<Mailbox, Refused> refused) {
        return !refused.isEmpty()
                && transaction.promised().stream()
                        .allMatch(it -> refused.containsKey(it.mailbox()));
    }

    private Reply accepted(Acceptance acceptance, MessageId id) {
        session.accepted();
        service.observer().tell(acceptance.event(id, service.clock().instant()));
        return Replies.queued(id);
    }

    private Ending discard(OpenTransaction transaction) {
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
        return Ending.of(Replies.OK);
    }
}
