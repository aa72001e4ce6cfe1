package org.posthorn.smtp.server;

import org.posthorn.api.mail.MailSyntaxException;
import org.posthorn.api.mail.Xtext;

import java.net.InetAddress;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// What `XCLIENT` and `XFORWARD` say of a client, as Postfix documents them. Immutable.
///
/// @param values texts by their names; empty where the sender does not know
record ClientAttributes(Map<Name, String> values) {
    private static final Set<String> UNKNOWN = Set.of("[UNAVAILABLE]", "[TEMPUNAVAIL]");
    private static final int MAX_LENGTH = 255;

    /// A client that nobody knows must not pass for the peer that speaks for it.
    static final InetAddress NOBODY = InetAddress.ofLiteral("0.0.0.0");

    /// The attributes that there are.
    enum Name {
        NAME,
        ADDR,
        PORT,
        PROTO,
        HELO,
        LOGIN,
        DESTADDR,
        DESTPORT,
        IDENT,
        SOURCE
    }

    /// Those of `XCLIENT`, as `EHLO` names them.
    static final String OF_XCLIENT = "NAME ADDR PORT PROTO HELO LOGIN DESTADDR DESTPORT";

    /// Those of `XFORWARD`.
    static final String OF_XFORWARD = "NAME ADDR PORT PROTO HELO IDENT SOURCE";

    ClientAttributes {
        values = Map.copyOf(values);
    }

    /// Reads `NAME=value` several times, each value in xtext.
    ///
    /// @param known the names that the command has
    /// @throws MailSyntaxException when it is anything else
    static ClientAttributes parse(String text, String known) {
        Map<Name, String> values = new EnumMap<>(Name.class);
        for (String attribute : text.split(" +", -1)) {
            int equals = attribute.indexOf('=');
            String name = attribute.substring(0, Math.max(0, equals)).toUpperCase(Locale.ROOT);
            if (equals < 0 || !List.of(known.split(" ", -1)).contains(name)) {
                throw new MailSyntaxException(
                        "attributes are " + known + ", each with = and a value");
            }
            Name key = Name.valueOf(name);
            values.put(key, value(key, attribute.substring(equals + 1)));
        }
        return new ClientAttributes(values);
    }

    private static String value(Name name, String encoded) {
        if (UNKNOWN.contains(encoded.toUpperCase(Locale.ROOT))) {
            return "";
        }
        String value = Xtext.decode(encoded);
        boolean plain = value.chars().allMatch(c -> c > ' ' && c != 0x7f);
        if (!plain || value.isEmpty() || value.length() > MAX_LENGTH) {
            throw new MailSyntaxException(name + " is empty, too long, or has spaces or controls");
        }
        switch (name) {
            case ADDR, DESTADDR -> literal(value);
            case PORT, DESTPORT -> number(value);
            case PROTO -> {
                if (!Set.of("SMTP", "ESMTP").contains(value.toUpperCase(Locale.ROOT))) {
                    throw new MailSyntaxException("PROTO is SMTP or ESMTP");
                }
            }
            case SOURCE -> {
                if (!Set.of("LOCAL", "REMOTE").contains(value.toUpperCase(Locale.ROOT))) {
                    throw new MailSyntaxException("SOURCE is LOCAL or REMOTE");
                }
            }
            case NAME, HELO, LOGIN, IDENT -> {}
        }
        return value;
    }

    private static InetAddress literal(String value) {
        boolean tagged = value.regionMatches(true, 0, "IPV6:", 0, 5);
        try {
            return InetAddress.ofLiteral(tagged ? value.substring(5) : value);
        } catch (IllegalArgumentException e) {
            throw new MailSyntaxException("an address is 192.0.2.1 or IPV6:2001:db8::1");
        }
    }

    private static int number(String value) {
        int port = value.matches("\\d{1,5}") ? Integer.parseInt(value) : -1;
        if (port < 0 || port > 65_535) {
            throw new MailSyntaxException("a port is 0 to 65535");
        }
        return port;
    }

    /// Returns a text; nothing where it was not given, or is not known.
    Optional<String> text(Name name) {
        return Optional.ofNullable(values.get(name)).filter(text -> !text.isEmpty());
    }

    /// Returns an address: `0.0.0.0` where it is not known; nothing where it was not given.
    Optional<InetAddress> address(Name name) {
        return Optional.ofNullable(values.get(name))
                .map(text -> text.isEmpty() ? NOBODY : literal(text));
    }

    /// Returns a port.
    Optional<Integer> port(Name name) {
        return text(name).map(ClientAttributes::number);
    }
}
