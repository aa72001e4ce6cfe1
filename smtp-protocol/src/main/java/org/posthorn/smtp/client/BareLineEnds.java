package org.posthorn.smtp.client;

/// What becomes of content with a CR or LF that does not belong to a CRLF. It is never sent as it
/// is, except as BINARYMIME.
public enum BareLineEnds {
    /// It is not sent: `5.6.0`.
    REJECT,
    /// Each becomes a CRLF, which breaks signatures over it.
    NORMALISE
}
