package org.posthorn.smtp.server;

import org.apache.james.mime4j.MimeException;
import org.apache.james.mime4j.codec.DecodeMonitor;
import org.apache.james.mime4j.codec.DecoderUtil;
import org.apache.james.mime4j.dom.address.AddressList;
import org.apache.james.mime4j.field.DateTimeFieldLenientImpl;
import org.apache.james.mime4j.field.address.LenientAddressParser;
import org.apache.james.mime4j.stream.RawField;
import org.apache.james.mime4j.stream.RawFieldParser;
import org.apache.james.mime4j.util.ByteArrayBuffer;
import org.posthorn.api.mail.HeaderField;
import org.posthorn.api.mail.Headers;
import org.posthorn.api.mail.MailSyntaxException;
import org.posthorn.api.mail.Mailbox;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Optional;

/// A header section as mime4j reads it, in the API's own words. Immutable.
record ParsedHeaders(List<HeaderField> fields) implements Headers {

    ParsedHeaders {
        fields = List.copyOf(fields);
    }

    /// Parses a section; what is no field is left out.
    static ParsedHeaders of(ByteBuffer section) {
        byte[] octets = new byte[section.remaining()];
        section.get(octets);
        List<HeaderField> fields = new ArrayList<>();
        int start = 0;
        while (start < octets.length) {
            int end = fieldEnd(octets, start);
            field(octets, start, end).ifPresent(fields::add);
            start = end;
        }
        return new ParsedHeaders(fields);
    }

    private static int fieldEnd(byte[] octets, int start) {
        for (int i = start; i < octets.length; i++) {
            boolean folded =
                    i + 1 < octets.length && (octets[i + 1] == ' ' || octets[i + 1] == '\t');
            if (octets[i] == '\n' && !folded) {
                return i + 1;
            }
        }
        return octets.length;
    }

    private static Optional<HeaderField> field(byte[] octets, int start, int end) {
        int last = end;
        while (last > start && (octets[last - 1] == '\n' || octets[last - 1] == '\r')) {
            last--;
        }
        try {
            var raw = new ByteArrayBuffer(last - start);
            raw.append(octets, start, last - start);
            RawField field = RawFieldParser.DEFAULT.parseField(raw);
            int from = field.getDelimiterIdx() + 1;
            String body =
                    new String(raw.buffer(), from, raw.length() - from, StandardCharsets.UTF_8);
            return Optional.of(new HeaderField(field.getName(), unfolded(body)));
        } catch (MimeException e) {
            return Optional.empty();
        }
    }

    private static String unfolded(String body) {
        return body.replace("\r\n", "").replace('\r', ' ').replace('\n', ' ').strip();
    }

    @Override
    public Optional<String> text(String name) {
        return first(name)
                .map(field -> DecoderUtil.decodeEncodedWords(field.body(), DecodeMonitor.SILENT));
    }

    @Override
    public List<Mailbox> mailboxes(String name) {
        List<Mailbox> all = new ArrayList<>();
        for (HeaderField field : all(name)) {
            addresses(field.body()).flatten().forEach(it -> mailbox(it).ifPresent(all::add));
        }
        return List.copyOf(all);
    }

    /// Tells whether each field of a name lists mailboxes, and nothing that is none.
    boolean isReadable(String name) {
        return all(name).stream()
                .map(field -> addresses(field.body()).flatten())
                .allMatch(it -> !it.isEmpty() && it.stream().allMatch(ParsedHeaders::isMailbox));
    }

    private static boolean isMailbox(org.apache.james.mime4j.dom.address.Mailbox found) {
        return mailbox(found).isPresent();
    }

    private static AddressList addresses(String body) {
        try {
            return LenientAddressParser.DEFAULT.parseAddressList(body);
        } catch (RuntimeException e) {
            // Lenient or not, a stranger wrote this.
            return new AddressList(List.of(), true);
        }
    }

    private static Optional<Mailbox> mailbox(org.apache.james.mime4j.dom.address.Mailbox found) {
        try {
            return Optional.of(Mailbox.parse(found.getAddress()));
        } catch (MailSyntaxException e) {
            return Optional.empty();
        }
    }

    @Override
    public Optional<Instant> date() {
        return first("Date").map(ParsedHeaders::date).map(Date::toInstant);
    }

    private static Date date(HeaderField field) {
        RawField raw = new RawField(field.name(), field.body());
        return DateTimeFieldLenientImpl.PARSER.parse(raw, DecodeMonitor.SILENT).getDate();
    }
}
