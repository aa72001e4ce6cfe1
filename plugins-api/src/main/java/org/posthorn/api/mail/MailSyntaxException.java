package org.posthorn.api.mail;

/// Text from outside that is not what it should be. The message is safe to show to the peer: it
/// names the rule and not the text.
public final class MailSyntaxException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    private final String rule;

    /// Makes one.
    ///
    /// @param rule what was expected, such as `a domain label has at most 63 octets`
    public MailSyntaxException(String rule) {
        super(rule);
        this.rule = rule;
    }

    /// Returns what was expected.
    public String rule() {
        return rule;
    }
}
