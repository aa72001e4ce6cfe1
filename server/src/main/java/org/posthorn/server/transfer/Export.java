package org.posthorn.server.transfer;

import org.posthorn.api.mail.Content;
import org.posthorn.queue.PortableMessage;
import org.posthorn.queue.QueuedMessage;
import org.posthorn.queue.QueuedMessage.QueuedJob;
import org.posthorn.queue.StoredMail;
import org.posthorn.server.selection.Selection;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.BiFunction;

/// Writes messages of a store that no server uses to files.
///
/// @param which mail is meant
/// @param route says where a job goes
/// @param clock what time it is
public record Export(
        Selection which, BiFunction<QueuedMessage, QueuedJob, String> route, InstantSource clock) {

    /// Writes them.
    ///
    /// @param store the directory of the store
    /// @param to a directory, or a file to be made whose name ends with `.tar`
    /// @param account is told how far it is
    /// @throws IOException when the store cannot be opened, or nothing can be written any more; the
    /// message says what to do. An archive is not there then
    public void run(Path store, Path to, Account account) throws IOException {
        Instant now = clock.instant();
        try (StoredMail mail = StoredMail.open(store, clock);
                Sink sink = Sink.open(to)) {
            account.expect(which.message().isPresent() ? 1 : mail.messages());
            mail.each(
                    which.message(),
                    seen -> which.of(seen, now, route),
                    new StoredMail.Taker() {
                        @Override
                        public void take(PortableMessage message, Content content)
                                throws IOException {
                            put(sink, message, content, account);
                        }

                        @Override
                        public void unreadable(String what) {
                            account.refuse(what);
                        }
                    });
            sink.finish();
        }
    }

    private static void put(Sink sink, PortableMessage message, Content content, Account account)
            throws IOException {
        try {
            sink.put(message, content);
            account.done(message.jobs().size(), content.size());
        } catch (UnreadableException e) {
            account.refuse("message " + message.id() + ": " + e.getMessage());
        }
    }
}
