package org.posthorn.smtp.server;

import org.jspecify.annotations.Nullable;
import org.posthorn.api.auth.Identity;
import org.posthorn.api.mail.MailSyntaxException;
import org.posthorn.api.mail.Mailbox;
import org.posthorn.api.mail.Parameters;
import org.posthorn.api.plugin.Session;
import org.posthorn.api.plugin.Session.Authentication;
import org.posthorn.api.smtp.Reply;

import java.util.Optional;

/// The parameter `AUTH` of `MAIL`: who submitted a message at first (RFC 4954 §5).
final class AuthParameter {
    private static final String NOBODY = "<>";

    private AuthParameter() {}

    /// Returns what is wrong with a value, or nothing.
    static @Nullable Reply check(String value) {
        return value.equals(NOBODY) || mailbox(value).isPresent()
                ? null
                : Replies.badParameter("AUTH is <> or a mailbox in xtext");
    }

    /// Returns the parameters with nothing in `AUTH` but what the client may say: it is believed
    /// for its own addresses.
    static Parameters believed(Parameters parameters, Session session) {
        Optional<Identity> identity = session.authentication().map(Authentication::identity);
        return parameters
                .value("AUTH")
                .filter(
                        value ->
                                mailbox(value)
                                        .filter(
                                                it ->
                                                        identity.stream()
                                                                .anyMatch(me -> me.maySendAs(it)))
                                        .isEmpty())
                .map(_ -> parameters.with("AUTH", NOBODY))
                .orElse(parameters);
    }

    private static Optional<Mailbox> mailbox(String value) {
        if (!DsnParameters.isPrintable(value, false)) {
            return Optional.empty();
        }
        StringBuilder plain = new StringBuilder();
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == '+') {
                plain.append((char) Integer.parseInt(value, i + 1, i + 3, 16));
                i += 2;
            } else {
                plain.append(c);
            }
        }
        try {
            return Optional.of(Mailbox.parse(plain.toString()));
        } catch (MailSyntaxException e) {
            return Optional.empty();
        }
    }
}
