package org.posthorn.api.mail;

import java.util.regex.Pattern;

/// The queue's name for a committed message: in replies, logs, commands. Not the `Message-ID`
/// field. Immutable.
///
/// The text is made by the queue, which also finds the message's partition in it; to all others it
/// is opaque.
///
/// @param text 8 to 32 letters and digits
public record MessageId(String text) {
    private static final Pattern FORM = Pattern.compile("[0-9A-Za-z]{8,32}");

    /// Checks the form.
    ///
    /// @throws MailSyntaxException when the text cannot be a message id
    public MessageId {
        if (!FORM.matcher(text).matches()) {
            throw new MailSyntaxException("a message id has 8 to 32 letters and digits");
        }
    }

    @Override
    public String toString() {
        return text;
    }
}
