package org.posthorn.api.plugin;

import org.posthorn.api.mail.Content;
import org.posthorn.api.mail.Headers;

/// A complete message that is not yet committed. Valid during the hook only.
public interface Message {

    /// Returns the header section, parsed.
    Headers headers();

    /// Returns the content as the client sent it, without our trace fields and without edits.
    /// Reading it may block.
    Content content();
}
