package org.posthorn.server.config;

import java.util.Set;

/// The settings of a block that its record does not name: a record with a component of this type
/// leaves them to somebody who knows what they mean. Immutable.
///
/// @param block the whole block
/// @param known the settings that the record did name
public record Rest(Block block, Set<String> known) {

    /// Copies the set.
    public Rest {
        known = Set.copyOf(known);
    }
}
