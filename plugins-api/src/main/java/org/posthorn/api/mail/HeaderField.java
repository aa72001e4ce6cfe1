package org.posthorn.api.mail;

/// One field of a message's header section (RFC 5322 §2.2). Immutable.
///
/// @param name the name as it stands
/// @param body what stands behind the colon, unfolded and trimmed, otherwise as it stands
public record HeaderField(String name, String body) {

    /// Tells whether this field has a name; case does not matter.
    public boolean is(String other) {
        return name.equalsIgnoreCase(other);
    }
}
