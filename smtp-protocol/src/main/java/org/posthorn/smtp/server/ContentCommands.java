package org.posthorn.smtp.server;

import io.netty.util.concurrent.EventExecutor;

import org.posthorn.api.intake.Draft;
import org.posthorn.api.intake.QueueUnavailableException;
import org.posthorn.api.mail.BodyType;
import org.posthorn.api.plugin.CloseReason;
import org.posthorn.api.smtp.Reply;
import org.posthorn.smtp.server.Command.Bdat;
import org.posthorn.smtp.server.ListenerConfig.BareLineEnds;
import org.posthorn.smtp.server.Ruling.Passed;
import org.posthorn.smtp.server.Ruling.Refused;
import org.posthorn.smtp.server.State.Addressing;
import org.posthorn.smtp.server.State.Chunking;
import org.posthorn.smtp.server.State.Closed;
import org.posthorn.smtp.server.State.Receiving;

import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/// How content comes: `DATA` (RFC 5321 §4.1.1.4) and `BDAT` (RFC 3030). Confined to the session's
/// event loop.
///
/// A `BDAT` that is refused here leaves its octets to be thrown away: [Conversation] sees to it.
final class ContentCommands {
    private final Service service;
    private final LiveSession session;
    private final SessionPlugins plugins;
    private final LastWord lastWord;

    ContentCommands(
            Service service, LiveSession session, SessionPlugins plugins, EventExecutor loop) {
        this.service = service;
        this.session = session;
        this.plugins = plugins;
        this.lastWord = new LastWord(service, session, plugins, loop);
    }

    CompletableFuture<Step> data(Addressing open) {
        if (isBinary(open.transaction())) {
            session.misplaced();
            return Step.at(open, Replies.BINARY_BY_DATA);
        }
        return ask(
                open,
                transaction ->
                        begin(
                                transaction,
                                Reception::ofData,
                                receiving ->
                                        CompletableFuture.completedFuture(
                                                Step.to(receiving, Replies.START_CONTENT))));
    }

    CompletableFuture<Step> bdat(Addressing open, Bdat bdat) {
        if (!service.offers().has(Extension.CHUNKING, session)) {
            return Step.at(open, Replies.NOT_IMPLEMENTED);
        }
        return ask(
                open,
                transaction ->
                        begin(
                                transaction,
                                (draft, limits, bare) ->
                                        Reception.ofChunks(
                                                draft, limits, bare, isBinary(transaction)),
                                receiving -> chunk(receiving, bdat)));
    }

    CompletableFuture<Step> bdat(Chunking open, Bdat bdat) {
        return chunk(new Receiving(open.transaction(), open.reception()), bdat);
    }

    private static boolean isBinary(OpenTransaction transaction) {
        return transaction.envelope().parameters().body() == BodyType.BINARY;
    }

    private CompletableFuture<Step> ask(Addressing open, Then then) {
        OpenTransaction transaction = open.transaction();
        if (transaction.accepted() == 0) {
            session.misplaced();
            return Step.at(open, Replies.NO_RECIPIENTS);
        }
        if (transaction.fate().discard().isPresent()) {
            return then.go(transaction);
        }
        return plugins.ask(Hook.DATA, (hooks, view) -> hooks.data(view), transaction, Ruling.PASSED)
                .thenCompose(
                        answer ->
                                switch (answer.ruling()) {
                                    case Refused refused ->
                                            CompletableFuture.completedFuture(
                                                    Step.refused(
                                                            new Addressing(answer.transaction()),
                                                            refused));
                                    case Passed _ -> then.go(answer.transaction());
                                });
    }

    /// What follows when nobody objects.
    private interface Then {
        CompletableFuture<Step> go(OpenTransaction transaction);
    }

    /// Makes what takes the content.
    private interface Taking {
        Reception into(Draft draft, MessageLimits limits, BareLineEnds bare);
    }

    private CompletableFuture<Step> begin(
            OpenTransaction transaction,
            Taking taking,
            Function<Receiving, CompletableFuture<Step>> then) {
        if (session.gone()) {
            return Step.at(new Closed(CloseReason.CLIENT_LEFT), Replies.BYE);
        }
        Draft draft;
        try {
            draft =
                    transaction.fate().discard().isPresent()
                            ? new NoDraft()
                            : service.intake().begin(transaction.declaredSize());
        } catch (QueueUnavailableException e) {
            return Step.at(State.READY, Regret.over(e, session.id()));
        }
        Reception reception =
                taking.into(draft, service.settings().message(), service.config().bareLineEnds());
        return then.apply(new Receiving(transaction, reception));
    }

    /// A chunk without octets is read as well: with the last one, the store may get what was held.
    private static CompletableFuture<Step> chunk(Receiving receiving, Bdat bdat) {
        receiving.reception().chunk(bdat.size(), bdat.last());
        return CompletableFuture.completedFuture(Step.silent(receiving));
    }

    /// Takes a message whose content is complete, or a chunk of one.
    CompletableFuture<Step> received(Receiving receiving) {
        Reception reception = receiving.reception();
        if (reception.complete()) {
            return lastWord.on(receiving);
        }
        Reply fault = reception.fault();
        return fault == null
                ? Step.at(
                        new Chunking(receiving.transaction(), reception),
                        Replies.received(reception.chunkSize()))
                : Step.at(State.READY, fault);
    }
}
