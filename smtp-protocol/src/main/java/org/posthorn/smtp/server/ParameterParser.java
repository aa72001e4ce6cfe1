package org.posthorn.smtp.server;

import org.posthorn.api.mail.MailSyntaxException;
import org.posthorn.api.mail.Parameters;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/// The parameters behind a path (RFC 5321 §4.1.2, RFC 6531 §3.3).
final class ParameterParser {
    private ParameterParser() {}

    /// Reads what stands behind a path: nothing, or parameters, each behind one or more spaces.
    ///
    /// @throws MailSyntaxException when it is anything else, or a keyword stands twice
    static Parameters parse(String text, int start) {
        if (start == text.length()) {
            return Parameters.NONE;
        }
        require(text.charAt(start) == ' ', "parameters stand behind a space");
        Map<String, String> values = new LinkedHashMap<>();
        int at = start;
        while (at < text.length()) {
            if (text.charAt(at) == ' ') {
                at++;
                continue;
            }
            int space = text.indexOf(' ', at);
            int end = space < 0 ? text.length() : space;
            parameter(text.substring(at, end), values);
            at = end;
        }
        return values.isEmpty() ? Parameters.NONE : new Parameters(values);
    }

    private static void parameter(String text, Map<String, String> values) {
        int equals = text.indexOf('=');
        String keyword = equals < 0 ? text : text.substring(0, equals);
        String value = equals < 0 ? "" : text.substring(equals + 1);
        require(isKeyword(keyword), "a parameter is KEYWORD or KEYWORD=value");
        require(
                equals < 0 || isValue(value),
                "a parameter's value is visible characters without =");
        require(
                values.putIfAbsent(keyword.toUpperCase(Locale.ROOT), value) == null,
                "a parameter is given once");
    }

    private static boolean isKeyword(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean letterOrDigit =
                    c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9';
            if (!letterOrDigit && (c != '-' || i == 0)) {
                return false;
            }
        }
        return !text.isEmpty();
    }

    private static boolean isValue(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c <= ' ' || c == '=' || c == 0x7f) {
                return false;
            }
        }
        return !text.isEmpty();
    }

    private static void require(boolean holds, String rule) {
        if (!holds) {
            throw new MailSyntaxException(rule);
        }
    }
}
