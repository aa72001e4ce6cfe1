package org.posthorn.smtp.sasl;

/// A message that breaks its mechanism's syntax.
public final class SaslSyntaxException extends Exception {
    private static final long serialVersionUID = 1L;

    /// Makes one.
    ///
    /// @param rule what was expected, in words that never repeat what was sent
    public SaslSyntaxException(String rule) {
        super(rule, null, false, false);
    }
}
