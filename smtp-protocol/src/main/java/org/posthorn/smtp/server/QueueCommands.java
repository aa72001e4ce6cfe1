package org.posthorn.smtp.server;

import io.netty.util.concurrent.EventExecutor;

import org.posthorn.api.mail.Domain;
import org.posthorn.api.mail.MailSyntaxException;
import org.posthorn.smtp.server.Command.Etrn;
import org.posthorn.smtp.server.State.Ready;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.concurrent.CompletableFuture;

/// What a client may ask of the queue: `ETRN` (RFC 1985). Confined to the session's event loop; the
/// queue is asked on a virtual thread.
final class QueueCommands {
    private static final Logger LOG = LoggerFactory.getLogger(QueueCommands.class);

    private final Service service;
    private final LiveSession session;
    private final EventExecutor loop;

    QueueCommands(Service service, LiveSession session, EventExecutor loop) {
        this.service = service;
        this.session = session;
        this.loop = loop;
    }

    CompletableFuture<Step> etrn(Ready ready, Etrn etrn) {
        if (!service.offers().has(Extension.ETRN, session)) {
            return Step.at(ready, Replies.NOT_IMPLEMENTED);
        }
        Domain node;
        try {
            node = new Domain.Name(etrn.node());
        } catch (MailSyntaxException e) {
            return Step.at(ready, Replies.BAD_NODE);
        }
        var retried =
                CompletableFuture.supplyAsync(
                        () -> service.retries().retry(node), Thread::startVirtualThread);
        return Later.on(loop, retried)
                .handle(
                        (jobs, failure) -> {
                            if (failure != null) {
                                LOG.warn("mail for {} cannot be tried now", node, failure);
                                return Step.to(ready, Replies.notStarted(node));
                            }
                            return Step.to(ready, Replies.started(jobs, node));
                        });
    }
}
