package org.posthorn.queue.state;

import java.nio.ByteBuffer;

/// Where content stands: chunks that follow each other. Immutable.
///
/// Small content is one chunk at its message's own key. Large content has a key of its own, given
/// before its message's, or stands at its message's own, too; there, chunk 0 is the header section
/// and the others are what was streamed.
///
/// @param place the chunks' common key
/// @param size the octets in all
/// @param first the first chunk
/// @param end behind the last chunk
public record ContentRef(MessageKey place, long size, int first, int end) {

    /// Checks the ranges.
    ///
    /// @throws IllegalArgumentException when a part is out of its range
    public ContentRef {
        if (size < 0 || first < 0 || end < first) {
            throw new IllegalArgumentException("a content reference is out of range");
        }
    }

    /// Returns the key of a chunk.
    public static byte[] key(MessageKey place, int chunk) {
        byte[] octets = new byte[MessageKey.LENGTH + 4];
        ByteBuffer to = ByteBuffer.wrap(octets);
        place.write(to);
        to.putInt(chunk);
        return octets;
    }
}
