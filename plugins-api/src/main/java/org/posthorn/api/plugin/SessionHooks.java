package org.posthorn.api.plugin;

import org.posthorn.api.mail.Parameters;
import org.posthorn.api.mail.Recipient;
import org.posthorn.api.mail.ReversePath;

/// A plugin's part in one connection. Override what matters; its fields are the session's state for
/// the plugin.
///
/// One instance per connection ([Hooks#join]). One call at a time, each seeing what the calls
/// before it wrote; calls may block, within the plugin's time budget. A hook that throws or
/// overruns is answered as the plugin's `on-failure` says, by default `451 4.3.0`. Only hooks that
/// a class overrides are called.
public interface SessionHooks {

    /// A client has connected, and waits for the greeting. A refusal is sent in its place, and the
    /// connection closed.
    default Verdict connect(Session session) {
        return Verdict.NO_OPINION;
    }

    /// `EHLO` or `HELO` (RFC 5321 §4.1.1.1); also after `STARTTLS`.
    ///
    /// @param name what the client calls itself: a domain name, a literal, or whatever it said
    default Verdict ehlo(Session session, String name) {
        return Verdict.NO_OPINION;
    }

    /// `MAIL` (RFC 5321 §4.1.1.2): a transaction may begin.
    default Verdict mail(Transaction transaction, ReversePath sender, Parameters parameters) {
        return Verdict.NO_OPINION;
    }

    /// `RCPT` (RFC 5321 §4.1.1.3). The recipient is refused unless some plugin answers
    /// [Verdict.Accept] (or takes the message by a verdict such as [Verdict.Redirect]): relaying is
    /// closed by default.
    ///
    /// @param recipient who is asked for; [Transaction#envelope] does not hold it yet
    default Verdict rcpt(Transaction transaction, Recipient recipient) {
        return Verdict.NO_OPINION;
    }

    /// `DATA` (RFC 5321 §4.1.1.4): the content may begin.
    default Verdict data(Transaction transaction) {
        return Verdict.NO_OPINION;
    }

    /// The content is complete, and not yet committed: the last word before we are responsible.
    default Verdict message(Transaction transaction, Message message) {
        return Verdict.NO_OPINION;
    }

    /// The last word on one recipient, where a reply for each can be given: in LMTP (RFC 2033) and
    /// with PRDR. Asked once for each accepted recipient, when all plugins let the message pass.
    ///
    /// Who is refused is taken off the envelope; a message that is refused for everybody is not
    /// committed. Verdicts that are about the whole message, such as [Verdict.Discard], do not fit
    /// here, and count as a failure of the plugin.
    default Verdict messageFor(Transaction transaction, Recipient recipient, Message message) {
        return Verdict.NO_OPINION;
    }

    /// The connection is closed. Called exactly once, however the session ended.
    default void close(CloseReason reason) {}
}
