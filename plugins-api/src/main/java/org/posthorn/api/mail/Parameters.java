package org.posthorn.api.mail;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// The ESMTP parameters of a `MAIL` or `RCPT` command that travel with the mail (RFC 5321 §4.1.2),
/// such as `BODY` and `SMTPUTF8`.
///
/// They go through the queue as they are, so that an extension added later, by the server or by a
/// plugin, needs no new format. Immutable.
///
/// @param values keyword in upper case → value, empty for a keyword without one; in the order given
public record Parameters(Map<String, String> values) {

    /// No parameters at all.
    public static final Parameters NONE = new Parameters(Map.of());

    /// Copies the map and folds the keywords to upper case.
    public Parameters {
        Map<String, String> copy = new LinkedHashMap<>();
        values.forEach((keyword, value) -> copy.put(keyword.toUpperCase(Locale.ROOT), value));
        values = Collections.unmodifiableMap(copy);
    }

    /// Returns the value of a keyword, empty text when it stands without one, or nothing when it
    /// was not given.
    public Optional<String> value(String keyword) {
        return Optional.ofNullable(values.get(keyword));
    }

    /// Tells whether a keyword was given.
    public boolean has(String keyword) {
        return values.containsKey(keyword);
    }

    /// Returns these parameters and one more.
    public Parameters with(String keyword, String value) {
        Map<String, String> more = new LinkedHashMap<>(values);
        more.put(keyword.toUpperCase(Locale.ROOT), value);
        return new Parameters(more);
    }

    /// Returns what `BODY` says of the content; 7bit when it says nothing (RFC 6152, RFC 3030).
    public BodyType body() {
        return value("BODY").map(BodyType::of).orElse(BodyType.SEVEN_BIT);
    }

    /// Tells whether the sender declared internationalised content or addresses (RFC 6531).
    public boolean smtpUtf8() {
        return has("SMTPUTF8");
    }
}
