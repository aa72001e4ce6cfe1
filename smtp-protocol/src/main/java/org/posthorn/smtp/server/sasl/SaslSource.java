package org.posthorn.smtp.server.sasl;

import org.posthorn.api.auth.Credentials;

import java.time.Duration;

/// A source of credentials as the configuration has it. Immutable.
///
/// @param plugin the instance that supplies it
/// @param timeout how long one call may take, where it may block
/// @param mayBlock whether calls may wait for anything
/// @param credentials the source
public record SaslSource(
        String plugin, Duration timeout, boolean mayBlock, Credentials credentials) {}
