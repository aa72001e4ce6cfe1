package org.posthorn.api.mail;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// The header section of a message, parsed and safe to ask: malformed fields are absent, never
/// exceptions (RFC 5322).
///
/// Safe for use by many threads.
public interface Headers {

    /// Returns all fields in the order in which they stand.
    List<HeaderField> fields();

    /// Returns the first field of a name, in any case.
    default Optional<HeaderField> first(String name) {
        return fields().stream().filter(field -> field.is(name)).findFirst();
    }

    /// Returns all fields of a name, in any case, in order.
    default List<HeaderField> all(String name) {
        return fields().stream().filter(field -> field.is(name)).toList();
    }

    /// Returns the first field of a name with its encoded words decoded (RFC 2047).
    Optional<String> text(String name);

    /// Returns the mailboxes that the fields of a name list, groups resolved, such as those of
    /// `From` (RFC 5322 §3.4).
    List<Mailbox> mailboxes(String name);

    /// Returns what `Date` says, when it says something.
    Optional<Instant> date();
}
