package org.posthorn.api.mail;

/// An address that mail can be for: a local part at a domain (RFC 5321 §4.1.2; with SMTPUTF8, RFC
/// 6531 §3.3). Immutable.
///
/// @param localPart what stands before the `@`, with quoting removed; its case is kept, since only
/// the destination may fold it
/// @param domain where the mailbox lives
public record Mailbox(String localPart, Domain domain) {

    /// Checks the local part.
    ///
    /// @throws MailSyntaxException when it is empty, longer than 64 octets, or has control
    /// characters
    public Mailbox {
        localPart = AddressSyntax.localPart(localPart);
    }

    /// Reads `local@domain`, where the local part may be quoted and the domain may be a literal. No
    /// source route, no angle brackets.
    ///
    /// @throws MailSyntaxException when it is not a mailbox; the message says which rule it breaks
    public static Mailbox parse(String text) {
        int at = text.startsWith("\"") ? closingQuote(text) + 1 : text.indexOf('@');
        AddressSyntax.check(
                at > 0 && at < text.length() && text.charAt(at) == '@',
                "a mailbox is local-part@domain");
        String local = text.substring(0, at);
        boolean quoted = local.startsWith("\"");
        AddressSyntax.check(
                quoted || AddressSyntax.isDotString(local),
                "a local part is a dot-string or a quoted string");
        return new Mailbox(quoted ? unquote(local) : local, Domain.parse(text.substring(at + 1)));
    }

    private static int closingQuote(String text) {
        for (int i = 1; i < text.length(); i++) {
            if (text.charAt(i) == '\\') {
                i++;
            } else if (text.charAt(i) == '"') {
                return i;
            }
        }
        throw new MailSyntaxException("a quoted local part ends with a quote");
    }

    private static String unquote(String quoted) {
        StringBuilder plain = new StringBuilder(quoted.length());
        for (int i = 1; i < quoted.length() - 1; i++) {
            if (quoted.charAt(i) == '\\') {
                i++;
                AddressSyntax.check(
                        quoted.charAt(i) < 0x80, "only ASCII characters are quoted by a backslash");
            }
            plain.append(quoted.charAt(i));
        }
        return plain.toString();
    }

    /// Tells whether writing this mailbox needs SMTPUTF8 because its local part is not ASCII (RFC
    /// 6531 §3.3).
    public boolean needsSmtpUtf8() {
        return !AddressSyntax.isAscii(localPart);
    }

    /// Tells whether this is the postmaster of its domain, in any case (RFC 5321 §4.5.1).
    public boolean isPostmaster() {
        return localPart.equalsIgnoreCase("postmaster");
    }

    /// Returns the mailbox for a peer that takes ASCII domains only.
    public String ascii() {
        return quotedLocalPart() + "@" + domain.ascii();
    }

    /// Returns `local@domain`, quoted where it must be.
    @Override
    public String toString() {
        return quotedLocalPart() + "@" + domain;
    }

    private String quotedLocalPart() {
        return AddressSyntax.isDotString(localPart)
                ? localPart
                : '"' + localPart.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }
}
