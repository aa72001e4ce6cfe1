package org.posthorn.smtp.server;

import org.posthorn.api.mail.Envelope;
import org.posthorn.api.mail.Mailbox;
import org.posthorn.api.mail.Recipient;
import org.posthorn.api.plugin.CloseReason;
import org.posthorn.api.smtp.Reply;
import org.posthorn.smtp.server.Command.Mail;
import org.posthorn.smtp.server.Command.Rcpt;
import org.posthorn.smtp.server.Ruling.Passed;
import org.posthorn.smtp.server.Ruling.Refused;
import org.posthorn.smtp.server.State.Addressing;
import org.posthorn.smtp.server.State.Closed;
import org.posthorn.smtp.server.State.Ready;

import java.util.concurrent.CompletableFuture;

/// From whom and for whom: `MAIL` and `RCPT` (RFC 5321 §4.1.1.2 and §4.1.1.3). Confined to the
/// session's event loop.
final class EnvelopeCommands {
    private final Service service;
    private final LiveSession session;
    private final SessionPlugins plugins;

    EnvelopeCommands(Service service, LiveSession session, SessionPlugins plugins) {
        this.service = service;
        this.session = session;
        this.plugins = plugins;
    }

    CompletableFuture<Step> mail(Ready ready, Mail mail) {
        Authenticator authenticator = service.authenticator();
        if (authenticator.isRequired() && session.authentication().isEmpty()) {
            return Step.at(ready, Replies.AUTH_REQUIRED);
        }
        Reply unfit = service.parameters().check(mail, session, service.clock());
        if (unfit != null) {
            return Step.at(ready, unfit);
        }
        int most = service.settings().limits().maxMessages();
        if (most > 0 && session.messages() >= most) {
            return Step.at(new Closed(CloseReason.REFUSED), Replies.ENOUGH_MESSAGES);
        }
        Reply often = service.doorkeeper().rates().message(session.client().getAddress());
        if (often != null) {
            return Step.at(ready, often);
        }
        if (!mail.from().mailbox().stream().allMatch(it -> authenticator.maySendAs(session, it))) {
            return Step.at(ready, Replies.foreignSender(mail.from()));
        }
        Envelope envelope =
                Envelope.from(
                        mail.from(),
                        TimeParameters.trusted(
                                AuthParameter.believed(
                                        MailParameters.lasting(mail.parameters()), session),
                                session));
        OpenTransaction begun =
                OpenTransaction.begin(
                        envelope,
                        MailParameters.size(mail.parameters()),
                        mail.parameters().has("PRDR"));
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
                                                    TimeParameters.isTrusted(
                                                                    mail.parameters(), session)
                                                            ? Replies.SENDER_OK
                                                            : Replies.PRIORITY_LOWERED);
                                });
    }

    CompletableFuture<Step> rcpt(Addressing open, Rcpt rcpt) {
        OpenTransaction transaction = open.transaction();
        Reply unfit =
                service.parameters().check(rcpt, transaction.envelope().parameters(), session);
        if (unfit != null) {
            return Step.at(open, unfit);
        }
        if (transaction.accepted() >= service.settings().limits().maxRecipients()) {
            return Step.at(open, Replies.TOO_MANY_RECIPIENTS);
        }
        Reply often = service.doorkeeper().rates().recipient(session.client().getAddress());
        if (often != null) {
            return Step.at(open, often);
        }
        Recipient recipient = new Recipient(mailbox(rcpt.to()), rcpt.parameters());
        if (transaction.fate().discard().isPresent()) {
            return Step.at(new Addressing(transaction.to(recipient)), Replies.RECIPIENT_OK);
        }
        boolean vouched =
                rcpt.to() instanceof ForwardPath.Postmaster
                        || session.authentication().isPresent()
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
}
