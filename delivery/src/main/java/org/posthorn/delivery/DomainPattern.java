package org.posthorn.delivery;

import org.posthorn.api.mail.Domain;
import org.posthorn.api.mail.MailSyntaxException;

/// Which domains a route is for. Immutable.
sealed interface DomainPattern {

    /// Tells whether it is for this domain.
    boolean matches(Domain domain);

    /// All domains and address literals.
    record Any() implements DomainPattern {
        @Override
        public boolean matches(Domain domain) {
            return true;
        }
    }

    /// One domain or address literal.
    record One(String ascii) implements DomainPattern {
        @Override
        public boolean matches(Domain domain) {
            return domain.ascii().equals(ascii);
        }
    }

    /// All domains below one.
    ///
    /// @param suffix with a leading dot
    record Below(String suffix) implements DomainPattern {
        @Override
        public boolean matches(Domain domain) {
            return domain.ascii().endsWith(suffix);
        }
    }

    /// Reads `example.org`, `.example.org`, `*.example.org`, `[192.0.2.1]` or `*`.
    ///
    /// @throws IllegalArgumentException when it is none of these
    static DomainPattern parse(String text) {
        try {
            if (text.equals("*")) {
                return new Any();
            }
            if (text.startsWith(".") || text.startsWith("*.")) {
                return new Below("." + Domain.name(text.substring(text.indexOf('.') + 1)).ascii());
            }
            return new One(Domain.parse(text).ascii());
        } catch (MailSyntaxException e) {
            throw new IllegalArgumentException(
                    "domains: '" + text + "' is no domain, *.domain or *: " + e.getMessage(), e);
        }
    }
}
