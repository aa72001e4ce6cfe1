package org.posthorn.queue.scan;

import org.posthorn.queue.state.ContentRef;
import org.posthorn.queue.state.JobRecord;
import org.posthorn.queue.state.MessageKey;
import org.posthorn.queue.state.MessageRecord;
import org.posthorn.queue.state.RemovedJob;
import org.posthorn.queue.state.RemovedKey;
import org.posthorn.queue.state.RemovedMessage;

import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/// All that the tables say of one message.
///
/// @param key which
/// @param message its record
/// @param jobs its jobs, by number
/// @param gone its record where nothing is left but what can be brought back
/// @param removed what of it can be brought back, as it is kept now
/// @param chunks its content, where a record says that there is some
/// @param unread rows that are its own and cannot be understood
public record Found(
        MessageKey key,
        Optional<MessageRecord> message,
        SortedMap<Integer, JobRecord> jobs,
        Optional<RemovedMessage> gone,
        SortedMap<RemovedKey, RemovedJob> removed,
        Optional<Chunks> chunks,
        List<Unread> unread) {

    /// Chunks at one place.
    ///
    /// @param count how many
    /// @param first the first one's number
    /// @param end behind the last one
    /// @param size their octets
    public record Chunks(long count, int first, int end, long size) {
        /// Begins with one.
        static Chunks of(int number, long size) {
            return new Chunks(1, number, number + 1, size);
        }

        Chunks and(int number, long more) {
            return new Chunks(count + 1, first, number + 1, size + more);
        }

        boolean are(ContentRef ref) {
            return count == ref.end() - ref.first()
                    && first == ref.first()
                    && end == ref.end()
                    && size == ref.size();
        }
    }

    /// A row that cannot be understood.
    ///
    /// @param row which
    /// @param why what is wrong with it
    public record Unread(Rows.Row row, String why) {}

    /// Returns where the message's content is, if a record tells.
    public Optional<ContentRef> content() {
        return message.or(() -> gone.map(RemovedMessage::message)).map(MessageRecord::content);
    }

    /// Returns what of it can be brought back, also what the first format kept in one record.
    public SortedMap<RemovedKey, RemovedJob> allRemoved() {
        SortedMap<RemovedKey, RemovedJob> all = new TreeMap<>(RemovedKey.ORDER);
        gone.flatMap(RemovedMessage::folded).ifPresent(it -> all.putAll(it.unfolded(key)));
        all.putAll(removed);
        return all;
    }

    /// Tells whether all of the content is there.
    public boolean hasContent() {
        return content()
                .filter(
                        ref ->
                                ref.first() == ref.end()
                                        || chunks.stream().anyMatch(it -> it.are(ref)))
                .isPresent();
    }
}
