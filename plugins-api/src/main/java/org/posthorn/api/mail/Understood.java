package org.posthorn.api.mail;

import java.util.Optional;
import java.util.function.Function;

/// Reads what was checked when it came in by SMTP, but perhaps not when a plugin made it.
final class Understood {
    private Understood() {}

    static <T> Optional<T> of(Optional<String> value, Function<String, T> parser) {
        try {
            return value.map(parser);
        } catch (MailSyntaxException e) {
            return Optional.empty();
        }
    }
}
