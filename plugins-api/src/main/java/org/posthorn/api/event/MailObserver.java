package org.posthorn.api.event;

/// Is told what happens, and never asked. Safe for use by many threads.
///
/// Whoever tells does not wait for an answer: an observer returns at once, and never throws.
@FunctionalInterface
public interface MailObserver {

    /// Tells of one event.
    void tell(MailEvent event);

    /// Returns an observer that tells this one and then another.
    default MailObserver and(MailObserver other) {
        return event -> {
            tell(event);
            other.tell(event);
        };
    }
}
