package org.posthorn.smtp.server;

import org.posthorn.api.mail.Mailbox;
import org.posthorn.api.plugin.CloseReason;
import org.posthorn.api.smtp.Reply;
import org.posthorn.smtp.server.Ruling.Refused;
import org.posthorn.smtp.server.State.Closed;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What became of a message, to be told once or for each recipient (RFC 5321 §4.5, RFC 2033 §4.2,
/// draft-hall-prdr-00 §4.5). Immutable.
///
/// @param all what holds for all recipients that are not refused by themselves
/// @param close whether the connection ends with it
/// @param plugin who decided; nothing for the server itself
/// @param each whether each recipient was judged by itself
/// @param refused the recipients that are refused by themselves
record Ending(
        Reply all,
        boolean close,
        Optional<String> plugin,
        boolean each,
        Map<Mailbox, Refused> refused) {

    /// For all recipients alike, by the server itself.
    static Ending of(Reply reply) {
        return new Ending(reply, false, Optional.empty(), false, Map.of());
    }

    /// For all recipients alike.
    static Ending of(Refused refused) {
        return new Ending(refused.reply(), refused.close(), refused.plugin(), false, Map.of());
    }

    /// For each recipient.
    static Ending of(Reply others, Map<Mailbox, Refused> refused) {
        boolean close = refused.values().stream().anyMatch(Refused::close);
        return new Ending(others, close, Optional.empty(), true, refused);
    }

    /// Returns the step that tells it.
    ///
    /// @param lmtp whether there is a reply for each recipient, and no other
    Step step(OpenTransaction transaction, boolean lmtp) {
        State next = close ? new Closed(CloseReason.REFUSED) : State.READY;
        if (lmtp) {
            return each
                    ? new Step(next, one(transaction, List.of()), null, plugin)
                    : new Step(
                            next,
                            Collections.nCopies(transaction.accepted() - 1, all),
                            all,
                            plugin);
        }
        return each && transaction.perRecipient()
                ? new Step(next, one(transaction, List.of(Replies.EACH_RECIPIENT)), all, plugin)
                : new Step(next, all, plugin);
    }

    private List<Reply> one(OpenTransaction transaction, List<Reply> first) {
        List<Reply> replies = new ArrayList<>(first);
        transaction
                .promised()
                .forEach(
                        recipient -> {
                            Refused own = refused.get(recipient.mailbox());
                            replies.add(own == null ? taken() : own.reply());
                        });
        return replies;
    }

    private Reply taken() {
        return all.isSuccess() ? all : Replies.RECIPIENT_OK;
    }
}
