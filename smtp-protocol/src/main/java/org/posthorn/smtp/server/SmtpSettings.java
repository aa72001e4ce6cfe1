package org.posthorn.smtp.server;

import org.posthorn.api.mail.Domain;

import java.util.Map;

/// All that the operator says about receiving. Immutable.
///
/// @param hostname our own name: in the greeting, in `EHLO`'s reply and in `Received`
/// @param listeners the listeners by their names
/// @param limits what a client may do to us
/// @param message which content is taken
/// @param extensions how far extensions go
/// @param auth how clients may show who they are
public record SmtpSettings(
        Domain.Name hostname,
        Map<String, ListenerConfig> listeners,
        SmtpLimits limits,
        MessageLimits message,
        SmtpExtensions extensions,
        AuthConfig auth) {

    /// Copies the map.
    public SmtpSettings {
        listeners = Map.copyOf(listeners);
    }

    /// Returns a listener's block.
    ///
    /// @throws IllegalArgumentException when there is no such listener
    ListenerConfig listener(String name) {
        ListenerConfig config = listeners.get(name);
        if (config == null) {
            throw new IllegalArgumentException("there is no listener '" + name + "'");
        }
        return config;
    }
}
