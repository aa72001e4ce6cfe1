package org.posthorn.smtp.sasl;

import com.ongres.saslprep.SASLprep;
import com.ongres.stringprep.Profile;

import java.util.Optional;
import java.util.function.UnaryOperator;

/// Brings names and passwords into the one form in which they are compared (RFC 4013).
public final class SaslPrep {
    private static final Profile PROFILE = new SASLprep();

    private SaslPrep() {}

    /// Prepares what a client says.
    ///
    /// @return nothing, when it is empty or has characters that must not be
    public static Optional<String> query(String text) {
        return prepared(PROFILE::prepareQuery, text);
    }

    /// Prepares what will be kept: code points that Unicode 3.2 did not have must not be in it.
    ///
    /// @return nothing, when it is empty or has characters that must not be
    public static Optional<String> stored(String text) {
        return prepared(PROFILE::prepareStored, text);
    }

    /// The library refuses by an exception, of whatever kind when nothing is left of a text.
    private static Optional<String> prepared(UnaryOperator<String> preparation, String text) {
        try {
            return Optional.of(preparation.apply(text)).filter(it -> !it.isEmpty());
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            return Optional.empty();
        }
    }
}
