package org.posthorn.delivery;

import java.time.Instant;

/// What a limit answers in place of "no". Immutable.
///
/// @param reason why something does not happen now, for an operator: `all 20 sessions are in use`
/// @param earliest when it can happen at the earliest
public record NotYet(String reason, Instant earliest) {}
