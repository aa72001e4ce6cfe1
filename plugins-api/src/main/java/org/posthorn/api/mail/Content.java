package org.posthorn.api.mail;

import java.io.IOException;
import java.io.InputStream;

/// The content of a message, header section and body, exactly as it is on the wire: CRLF line ends,
/// dots unstuffed.
///
/// It may be larger than memory: read it as a stream. Safe for use by many threads; each stream
/// belongs to one.
public interface Content {

    /// Returns the size in octets.
    long size();

    /// Opens a stream at the first octet. The caller closes it.
    ///
    /// @throws IOException when the store cannot read it; reading may throw it as well, and
    ///     [DamagedContentException] when it never will
    InputStream open() throws IOException;
}
