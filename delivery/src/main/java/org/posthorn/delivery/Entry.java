package org.posthorn.delivery;

import org.posthorn.api.smtp.Reply;

import java.time.Instant;

/// What a site says to somebody who wants to go there. Immutable.
sealed interface Entry {

    /// Come in.
    record Open(Visit visit) implements Entry {}

    /// Not now.
    ///
    /// @param reply why, as recipients' last outcome
    /// @param earliest when it may be another matter
    /// @param down whether nobody else gets in either: then the message's own schedule says when
    ///     to come back, but not before that
    record Later(Reply reply, Instant earliest, boolean down) implements Entry {}
}
