package org.posthorn.smtp.server;

import org.posthorn.api.mail.Domain;
import org.posthorn.api.plugin.Session;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;

/// Our own `Received` field (RFC 5321 §4.4, with the keywords of RFC 3848 and RFC 6531).
final class ReceivedField {
    private static final String DAYS = "MonTueWedThuFriSatSun";
    private static final String MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec";

    private static final int MAX_SUBJECT = 200;

    private ReceivedField() {}

    /// Writes the field, CRLF included.
    ///
    /// @param number which of the session's transactions
    /// @param lmtp whether the listener speaks LMTP
    static byte[] of(
            Session session,
            OpenTransaction transaction,
            Domain hostname,
            long number,
            boolean lmtp,
            Instant time) {
        boolean utf8 = transaction.envelope().parameters().smtpUtf8();
        StringBuilder field = new StringBuilder(256).append("Received: from ");
        client(field, session);
        session.tls().ifPresent(tls -> secured(field, tls));
        field.append("\r\n\tby ").append(hostname.ascii()).append(" with ");
        field.append(protocol(session, lmtp, utf8));
        field.append(" id ").append(session.id()).append('.').append(number);
        if (utf8 || !transaction.envelope().needsSmtpUtf8()) {
            transaction.only().ifPresent(to -> field.append("\r\n\tfor <").append(to).append('>'));
        }
        field.append(";\r\n\t").append(date(time));
        return field.append("\r\n").toString().getBytes(StandardCharsets.UTF_8);
    }

    private static void secured(StringBuilder field, Session.Tls tls) {
        field.append("\r\n\t(using ").append(tls.protocol());
        field.append(" with cipher ").append(tls.cipher());
        tls.serverName().ifPresent(name -> field.append(" for ").append(name.ascii()));
        field.append(')');
        tls.clientCertificate()
                .ifPresent(
                        certificate -> {
                            field.append("\r\n\t(client certificate \"");
                            quoted(field, certificate.subject());
                            field.append(
                                    certificate.verified() ? "\" verified)" : "\" not verified)");
                        });
    }

    /// A subject is a stranger's words: what could end a comment, or is not ASCII, is left out.
    private static void quoted(StringBuilder field, String text) {
        text.chars()
                .limit(MAX_SUBJECT)
                .filter(c -> c >= ' ' && c < 0x7f && "()\\\"".indexOf(c) < 0)
                .forEach(c -> field.append((char) c));
    }

    /// Returns the keyword behind `with`.
    static String protocol(Session session, boolean lmtp, boolean utf8) {
        if (!utf8 && !session.extended()) {
            return "SMTP";
        }
        String plain = lmtp ? "LMTP" : utf8 ? "SMTP" : "ESMTP";
        return (utf8 ? "UTF8" + plain : plain)
                + (session.tls().isPresent() ? "S" : "")
                + (session.authentication().isPresent() ? "A" : "");
    }

    /// What a client calls itself stands here only if it is a domain or a literal; anything else
    /// could break the field.
    private static void client(StringBuilder field, Session session) {
        String address = new Domain.Literal(session.client().getAddress()).toString();
        String name = session.helo().orElse("");
        if (isNameOrLiteral(name)) {
            field.append(name).append(" (").append(address).append(')');
        } else {
            field.append(address);
        }
    }

    private static boolean isNameOrLiteral(String name) {
        boolean literal = name.startsWith("[") && name.endsWith("]") && name.length() > 2;
        int last = literal ? name.length() - 1 : name.length();
        for (int i = literal ? 1 : 0; i < last; i++) {
            char c = name.charAt(i);
            boolean letterOrDigit =
                    c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9';
            if (!letterOrDigit && c != '.' && c != '-' && c != '_' && !(literal && c == ':')) {
                return false;
            }
        }
        return !name.isEmpty();
    }

    /// Writes a date as header fields have it (RFC 5322 §3.3).
    static String date(Instant instant) {
        ZonedDateTime time = instant.atZone(ZoneOffset.UTC);
        StringBuilder field = new StringBuilder(32);
        int day = (time.getDayOfWeek().getValue() - 1) * 3;
        int month = (time.getMonthValue() - 1) * 3;
        field.append(DAYS, day, day + 3).append(", ").append(time.getDayOfMonth()).append(' ');
        field.append(MONTHS, month, month + 3).append(' ').append(time.getYear()).append(' ');
        two(field, time.getHour()).append(':');
        two(field, time.getMinute()).append(':');
        return two(field, time.getSecond()).append(" +0000").toString();
    }

    private static StringBuilder two(StringBuilder field, int number) {
        return field.append((char) ('0' + number / 10)).append((char) ('0' + number % 10));
    }
}
