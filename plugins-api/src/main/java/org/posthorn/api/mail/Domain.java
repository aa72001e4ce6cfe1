package org.posthorn.api.mail;

import java.net.IDN;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.Locale;

/// Where a mailbox lives: a domain name or an address literal (RFC 5321 §4.1.2, §4.1.3). Immutable.
public sealed interface Domain {

    /// The most octets of a domain, in its ASCII form (RFC 5321 §4.5.3.1.2).
    int MAX_LENGTH = 255;

    /// Returns the form that goes into the DNS and to peers without SMTPUTF8: A-labels, or the
    /// bracketed literal.
    String ascii();

    /// Returns the form that stands in a path: lower case, U-labels as they were given, or the
    /// bracketed literal.
    @Override
    String toString();

    /// Reads a domain name or a bracketed literal.
    ///
    /// @throws MailSyntaxException when the text is neither; the message says what is wrong with it
    static Domain parse(String text) {
        return text.startsWith("[") ? AddressSyntax.literal(text) : name(text);
    }

    /// Reads a domain name.
    ///
    /// @throws MailSyntaxException when it breaks RFC 5321 §4.1.2 or, with non-ASCII letters, RFC
    /// 6531 §3.3
    static Domain name(String text) {
        return new Name(text);
    }

    /// A domain name, without a final dot.
    ///
    /// @param text the name; kept in lower case, so that equal domains are equal records
    record Name(String text) implements Domain {
        /// Checks the syntax and folds the case.
        ///
        /// @throws MailSyntaxException when it is not a domain name
        public Name {
            text = AddressSyntax.domainName(text.toLowerCase(Locale.ROOT));
        }

        @Override
        public String ascii() {
            return AddressSyntax.isAscii(text)
                    ? text
                    : IDN.toASCII(text, IDN.ALLOW_UNASSIGNED).toLowerCase(Locale.ROOT);
        }

        @Override
        public String toString() {
            return text;
        }
    }

    /// An address literal, such as `[192.0.2.1]` or `[IPv6:2001:db8::1]`.
    ///
    /// @param address the address that mail for it goes to
    record Literal(InetAddress address) implements Domain {
        @Override
        public String ascii() {
            return toString();
        }

        @Override
        public String toString() {
            return address instanceof Inet6Address
                    ? "[IPv6:" + address.getHostAddress().replaceFirst("%.*", "") + "]"
                    : "[" + address.getHostAddress() + "]";
        }
    }
}
