package org.posthorn.smtp.client;

import java.util.List;
import java.util.Optional;

/// What one transaction came to. Immutable.
///
/// @param answers one per recipient of the envelope, in its order
/// @param broken why the session broke, if it did; it can then only be closed
public record Receipt(List<Answer> answers, Optional<ClientException> broken) {
    /// Copies the list.
    public Receipt {
        answers = List.copyOf(answers);
    }
}
