package org.posthorn.smtp.client;

/// Octets that are no reply, or a reply beyond the bounds. The message is in our words only.
final class ReplySyntaxException extends Exception {
    private static final long serialVersionUID = 1L;

    ReplySyntaxException(String message) {
        super(message);
    }
}
