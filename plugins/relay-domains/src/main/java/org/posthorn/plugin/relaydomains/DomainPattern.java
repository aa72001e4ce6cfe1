package org.posthorn.plugin.relaydomains;

import org.posthorn.api.mail.Domain;

import java.util.Locale;

/// A domain, or all domains below one. Immutable.
///
/// @param name the domain in its ASCII form, or the bracketed literal
/// @param below whether the domains below it are meant, and not the domain itself
record DomainPattern(String name, boolean below) {

    /// Reads `example.org`, `.example.org` for all domains below it, or a bracketed literal.
    ///
    /// @throws IllegalArgumentException when it is none of these
    static DomainPattern parse(String text) {
        boolean below = text.startsWith(".");
        return new DomainPattern(
                Domain.parse(below ? text.substring(1) : text).ascii().toLowerCase(Locale.ROOT),
                below);
    }

    /// Returns the pattern that a domain's own name is matched by.
    static DomainPattern exactly(Domain domain) {
        return new DomainPattern(domain.ascii().toLowerCase(Locale.ROOT), false);
    }

    /// Returns the pattern one label up, for everything below it, or this one at the top.
    DomainPattern up() {
        int dot = name.startsWith("[") ? -1 : name.indexOf('.');
        return dot < 0 ? this : new DomainPattern(name.substring(dot + 1), true);
    }
}
