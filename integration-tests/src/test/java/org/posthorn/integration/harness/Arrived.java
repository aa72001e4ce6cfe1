package org.posthorn.integration.harness;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A message as it arrived: what the sender wrote, below the trace fields of those who carried it.
///
/// @param octets with CRLF at the ends of lines
public record Arrived(byte[] octets) {
    private static final Set<String> TRACE =
            Set.of("return-path", "received", "delivered-to", "x-original-to");
    private static final Pattern FIELD =
            Pattern.compile("\\G([!-9;-~]++):((?:[^\\r\\n]++|\\r\\n[ \\t])*+)\\r\\n");

    /// Takes a message as a file holds it, with whichever line ends.
    public static Arrived in(byte[] file) {
        String text = text(file).replaceAll("(?<!\\r)\\n", "\r\n");
        return new Arrived(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    /// Returns the message without the trace fields at its head.
    public byte[] withoutTrace() {
        String text = text(octets);
        return text.substring(traceEnd(text)).getBytes(StandardCharsets.ISO_8859_1);
    }

    /// Returns the trace fields at the head: names in lower case → bodies unfolded, those of one
    /// name joined by line feeds, the latest first.
    public Map<String, String> trace() {
        String text = text(octets);
        var fields = new LinkedHashMap<String, String>();
        Matcher field = FIELD.matcher(text).region(0, traceEnd(text));
        while (field.find()) {
            String body = field.group(2).replaceAll("\\r\\n[ \\t]+", " ").strip();
            fields.merge(field.group(1).toLowerCase(Locale.ROOT), body, (a, b) -> a + "\n" + b);
        }
        return fields;
    }

    private static int traceEnd(String text) {
        Matcher field = FIELD.matcher(text);
        int end = 0;
        while (field.find() && TRACE.contains(field.group(1).toLowerCase(Locale.ROOT))) {
            end = field.end();
        }
        return end;
    }

    /// Returns the message as characters, one an octet.
    public String text() {
        return text(octets);
    }

    private static String text(byte[] octets) {
        return new String(octets, StandardCharsets.ISO_8859_1);
    }
}
