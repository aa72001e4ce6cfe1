package org.posthorn.smtp.server;

import org.posthorn.api.mail.Mailbox;
import org.posthorn.api.plugin.Session;
import org.posthorn.smtp.server.AuthConfig.SenderCheck;
import org.posthorn.smtp.server.ListenerConfig.Auth;
import org.posthorn.smtp.server.ListenerConfig.Kind;
import org.posthorn.smtp.server.sasl.SaslChannel;
import org.posthorn.smtp.server.sasl.SaslSources;

import java.util.List;

/// What one listener makes of `AUTH`. Immutable.
///
/// @param listener the listener's block
/// @param config the `auth` block
/// @param sources who knows clients
/// @param failures how often that went wrong, at all listeners
record Authenticator(
        ListenerConfig listener, AuthConfig config, SaslSources sources, AuthFailures failures) {

    /// Tells whether nothing is taken from a client that has not authenticated.
    boolean isRequired() {
        return listener.authentication() == Auth.REQUIRED;
    }

    /// Tells whether there is `AUTH` at all.
    boolean isOffered() {
        return listener.authentication() != Auth.NONE && !sources.isEmpty();
    }

    /// Tells whether nobody can listen: under TLS, or within this machine.
    boolean isSafe(Session session) {
        return session.tls().isPresent()
                || config.withoutTls()
                        && session.client().getAddress().isLoopbackAddress()
                        && session.local().getAddress().isLoopbackAddress();
    }

    /// Returns the mechanisms that a session may use now.
    List<String> mechanisms(Session session, SaslChannel channel) {
        return isOffered() && isSafe(session)
                ? config.mechanisms().stream().filter(it -> sources.serve(it, channel)).toList()
                : List.of();
    }

    /// Tells whether a session may send as a mailbox (RFC 6409 §6.1).
    boolean maySendAs(Session session, Mailbox mailbox) {
        return !checks(SenderCheck.ENVELOPE)
                || session.authentication().stream()
                        .allMatch(it -> it.identity().maySendAs(mailbox));
    }

    /// Tells whether a check is made here, or one that holds it.
    boolean checks(SenderCheck check) {
        return isSubmission() && config.senderCheck().compareTo(check) >= 0;
    }

    boolean isSubmission() {
        return listener.kind() == Kind.SUBMISSION;
    }
}
