package org.posthorn.queue;

import org.posthorn.api.mail.Content;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.util.Collections;
import java.util.List;

/// A draft's content: header section, what was streamed, what is still in memory.
///
/// @param header the header section
/// @param streamed what is in the log
/// @param tail what is in memory, which the draft may append to but never changes
/// @param length how much of it counts
@SuppressWarnings("ArrayRecordComponent")
record DraftContent(byte[] header, Content streamed, byte[] tail, int length) implements Content {
    /// Nothing was streamed.
    static final Content NONE =
            new Content() {
                @Override
                public long size() {
                    return 0;
                }

                @Override
                public InputStream open() {
                    return InputStream.nullInputStream();
                }
            };

    @Override
    public long size() {
        return header.length + streamed.size() + length;
    }

    @Override
    public InputStream open() throws IOException {
        return new SequenceInputStream(
                Collections.enumeration(
                        List.of(
                                new ByteArrayInputStream(header),
                                streamed.open(),
                                new ByteArrayInputStream(tail, 0, length))));
    }
}
