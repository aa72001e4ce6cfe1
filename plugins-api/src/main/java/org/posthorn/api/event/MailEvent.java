package org.posthorn.api.event;

import org.posthorn.api.delivery.Outcome;
import org.posthorn.api.delivery.ReplyClass;
import org.posthorn.api.mail.Envelope;
import org.posthorn.api.mail.Mailbox;
import org.posthorn.api.mail.MessageId;
import org.posthorn.api.mail.ReversePath;
import org.posthorn.api.plugin.CloseReason;
import org.posthorn.api.plugin.Session;
import org.posthorn.api.smtp.Reply;

import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// Something that happened to a session or to a message: what the mail log, the counters and the
/// observers are told. Immutable.
public sealed interface MailEvent {

    /// Returns when it happened.
    Instant at();

    /// A client connected.
    ///
    /// @param at when
    /// @param session the session's name
    /// @param listener the listener's name in the configuration
    /// @param client from where
    record Connected(Instant at, String session, String listener, InetSocketAddress client)
            implements MailEvent {}

    /// A client spoke before it was greeted.
    ///
    /// @param at when
    /// @param session the session's name
    /// @param client from where
    record TalkedEarly(Instant at, String session, InetSocketAddress client) implements MailEvent {}

    /// A session's connection is under TLS from now on.
    ///
    /// @param at when
    /// @param session the session's name
    /// @param client from where
    /// @param tls what was agreed on
    record Secured(Instant at, String session, InetSocketAddress client, Session.Tls tls)
            implements MailEvent {}

    /// A session ended.
    ///
    /// @param at when
    /// @param session the session's name
    /// @param client from where
    /// @param reason how it ended
    /// @param messages how many messages were accepted in it
    record Disconnected(
            Instant at, String session, InetSocketAddress client, CloseReason reason, int messages)
            implements MailEvent {}

    /// A client has shown who it is (RFC 4954).
    ///
    /// @param at when
    /// @param session the session's name
    /// @param client from where
    /// @param mechanism the SASL mechanism
    /// @param name the identity's name
    /// @param plugin the instance that knew it
    record Authenticated(
            Instant at,
            String session,
            InetSocketAddress client,
            String mechanism,
            String name,
            String plugin)
            implements MailEvent {}

    /// A client has failed to show who it is.
    ///
    /// @param at when
    /// @param session the session's name
    /// @param client from where
    /// @param mechanism the SASL mechanism
    /// @param name who it said to be, empty when it did not get so far
    /// @param reason why, for an operator
    record AuthenticationFailed(
            Instant at,
            String session,
            InetSocketAddress client,
            String mechanism,
            String name,
            String reason)
            implements MailEvent {}

    /// A command was refused, by a plugin or by the server's own rules.
    ///
    /// @param at when
    /// @param session the session's name
    /// @param client from where
    /// @param command the verb
    /// @param argument the path or name that was refused, empty where there is none
    /// @param plugin the instance that decided, or nothing for the server itself
    /// @param reply what the client was told
    record Refused(
            Instant at,
            String session,
            InetSocketAddress client,
            String command,
            String argument,
            Optional<String> plugin,
            Reply reply)
            implements MailEvent {}

    /// A plugin failed or overran; the session was answered as the plugin's configuration says.
    ///
    /// @param at when
    /// @param session the session's name
    /// @param plugin the instance
    /// @param hook such as `rcpt`
    /// @param failure what went wrong, for an operator
    record PluginFailed(Instant at, String session, String plugin, String hook, String failure)
            implements MailEvent {}

    /// A message was committed: we are responsible for it.
    ///
    /// @param at when
    /// @param message its id
    /// @param session the session's name, or nothing for mail made by the server or a plugin
    /// @param envelope from whom, for whom
    /// @param size its octets
    /// @param hold why it waits for an operator, if it does
    record Accepted(
            Instant at,
            MessageId message,
            Optional<String> session,
            Envelope envelope,
            long size,
            Optional<String> hold)
            implements MailEvent {}

    /// A plugin had a message thrown away, though the client was told that it was accepted.
    ///
    /// @param at when
    /// @param session the session's name
    /// @param envelope from whom, for whom
    /// @param plugin the instance that decided
    /// @param reason its reason
    record Discarded(Instant at, String session, Envelope envelope, String plugin, String reason)
            implements MailEvent {}

    /// An attempt ended, for one recipient.
    ///
    /// @param at when
    /// @param message which
    /// @param recipient for whom
    /// @param transport such as `smtp` or `maildir`
    /// @param remote the host or place, as an operator knows it
    /// @param outcome what became of it
    /// @param kind what the reply means, where it was not delivered
    /// @param attempt counted from 1
    /// @param next when it will be tried again, if it will
    record Attempted(
            Instant at,
            MessageId message,
            Mailbox recipient,
            String transport,
            String remote,
            Outcome outcome,
            Optional<ReplyClass> kind,
            int attempt,
            Optional<Instant> next)
            implements MailEvent {}

    /// A bounce was committed, together with the failure that it reports.
    ///
    /// @param at when
    /// @param message what failed
    /// @param bounce the bounce's own id
    /// @param to where it goes: to the sender, or, where that failed was a bounce itself, to whom
    ///     the operator named for such mail
    /// @param recipients who was not reached
    record Bounced(
            Instant at,
            MessageId message,
            MessageId bounce,
            ReversePath to,
            List<Mailbox> recipients)
            implements MailEvent {
        /// Copies the list.
        public Bounced {
            recipients = List.copyOf(recipients);
        }
    }

    /// A bounce could not be delivered, and nobody is told of that.
    ///
    /// @param at when
    /// @param message the bounce
    /// @param recipients who was not reached
    record BounceDiscarded(Instant at, MessageId message, List<Mailbox> recipients)
            implements MailEvent {
        /// Copies the list.
        public BounceDiscarded {
            recipients = List.copyOf(recipients);
        }
    }

    /// A report that is no bounce was committed: the sender is told of a delay, or of success.
    ///
    /// @param at when
    /// @param message what it is about
    /// @param report the report's own id
    /// @param to where it goes
    /// @param action `delayed`, `delivered` or `relayed` (RFC 3464 §2.3.3)
    /// @param recipients about whom
    record Notified(
            Instant at,
            MessageId message,
            MessageId report,
            ReversePath to,
            String action,
            List<Mailbox> recipients)
            implements MailEvent {
        /// Copies the list.
        public Notified {
            recipients = List.copyOf(recipients);
        }
    }

    /// Nothing is left to do for a message; it is gone from the queue.
    ///
    /// @param at when
    /// @param message which
    record Finished(Instant at, MessageId message) implements MailEvent {}

    /// An operator did something to a message.
    ///
    /// @param at when
    /// @param message which
    /// @param operation such as `delete`
    /// @param detail what belongs to it: the route that mail is sent to, the time that it is due
    /// at,
    ///     or what its sender is told; empty for other operations
    /// @param who the operator
    /// @param why the operator's reason; may be empty
    /// @param jobs how many of its jobs that changed: one per destination
    record Operated(
            Instant at,
            MessageId message,
            String operation,
            String detail,
            String who,
            String why,
            int jobs)
            implements MailEvent {}

    /// The queue cannot be written: no mail is taken, and nothing is settled.
    ///
    /// @param at when
    /// @param problem what is wrong, and what to do
    record StoreFailed(Instant at, String problem) implements MailEvent {}

    /// The queue can be written again.
    ///
    /// @param at when
    record StoreResumed(Instant at) implements MailEvent {}
}
