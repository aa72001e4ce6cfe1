package org.posthorn.api.plugin;

import org.posthorn.api.mail.Mailbox;
import org.posthorn.api.smtp.Reply;

import java.time.Duration;

/// A plugin's opinion on one command. Immutable.
///
/// Plugins are asked in the order of the configuration. [NoOpinion], [Delay], [DeferIfPermit] and
/// [DeferIfReject] let the next one be asked; every other verdict ends the asking for this command.
public sealed interface Verdict {

    /// The next plugin decides; if none does, the server's own rule applies.
    Verdict NO_OPINION = new NoOpinion();

    /// Agreed.
    Verdict ACCEPT = new Accept();

    /// Refuses the command.
    ///
    /// @throws IllegalArgumentException when the reply is not 4xx or 5xx
    static Verdict reject(Reply reply) {
        return new Reject(reply);
    }

    /// Refuses the command with a reply of one line.
    ///
    /// @throws IllegalArgumentException when the parts do not fit each other, or it is not 4xx or
    /// 5xx
    static Verdict reject(int code, String status, String text) {
        return new Reject(Reply.of(code, status, text));
    }

    /// The next plugin decides; if none does, the server's own rule applies: for `RCPT`, that
    /// relaying is denied.
    record NoOpinion() implements Verdict {}

    /// Agreed, and no later plugin is asked about this command. For `RCPT`, this vouches for the
    /// recipient: it is what allows relaying.
    record Accept() implements Verdict {}

    /// The command fails with this reply; the session goes on.
    ///
    /// @param reply 4xx or 5xx
    record Reject(Reply reply) implements Verdict {
        /// Checks the reply.
        ///
        /// @throws IllegalArgumentException when it is not 4xx or 5xx
        public Reject {
            requireFailure(reply);
        }
    }

    /// The command fails with this reply and the connection is closed.
    ///
    /// @param reply 4xx or 5xx
    record RejectAndClose(Reply reply) implements Verdict {
        /// Checks the reply.
        ///
        /// @throws IllegalArgumentException when it is not 4xx or 5xx
        public RejectAndClose {
            requireFailure(reply);
        }
    }

    /// From `MAIL` on: the sender is told that all is well, and the message is thrown away. The
    /// mail log says so.
    ///
    /// @param reason what an operator reads
    record Discard(String reason) implements Verdict {}

    /// From `MAIL` on: the message is taken, and waits until an operator releases it.
    ///
    /// @param reason what an operator reads
    record Hold(String reason) implements Verdict {}

    /// From `MAIL` on: the message is taken and held as suspect. Nothing but a release or a
    /// deletion by an operator ends that.
    ///
    /// @param reason what an operator reads
    record Quarantine(String reason) implements Verdict {}

    /// From `MAIL` on: the message is taken, and goes to this mailbox instead of all its
    /// recipients.
    ///
    /// @param to the only recipient
    record Redirect(Mailbox to) implements Verdict {}

    /// The reply to this command waits so long; the next plugin decides what it is.
    ///
    /// @param time how long; the server bounds it at 60 s for all delays of a command together
    record Delay(Duration time) implements Verdict {}

    /// If all others let the command pass, it fails with this reply instead.
    ///
    /// @param reply 4xx
    record DeferIfPermit(Reply reply) implements Verdict {
        /// Checks the reply.
        ///
        /// @throws IllegalArgumentException when it is not 4xx
        public DeferIfPermit {
            requireTransient(reply);
        }
    }

    /// If another refuses the command for good, it fails with this reply instead.
    ///
    /// @param reply 4xx
    record DeferIfReject(Reply reply) implements Verdict {
        /// Checks the reply.
        ///
        /// @throws IllegalArgumentException when it is not 4xx
        public DeferIfReject {
            requireTransient(reply);
        }
    }

    private static void requireFailure(Reply reply) {
        if (!reply.isTransient() && !reply.isPermanent()) {
            throw new IllegalArgumentException("a refusal is a 4xx or 5xx reply, not " + reply);
        }
    }

    private static void requireTransient(Reply reply) {
        if (!reply.isTransient()) {
            throw new IllegalArgumentException("a deferral is a 4xx reply, not " + reply);
        }
    }
}
