package org.posthorn.delivery;

import org.posthorn.api.dns.DnsAnswer;
import org.posthorn.api.dns.DnsRecord;
import org.posthorn.api.dns.RecordType;
import org.xbill.DNS.AAAARecord;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.CNAMERecord;
import org.xbill.DNS.Flags;
import org.xbill.DNS.MXRecord;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.PTRRecord;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.SOARecord;
import org.xbill.DNS.Section;
import org.xbill.DNS.TLSARecord;
import org.xbill.DNS.TXTRecord;
import org.xbill.DNS.Type;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// What one message of a name server says. Immutable.
sealed interface DnsReading {
    /// The longest time that anything is kept, whatever it says of itself.
    Duration LONGEST = Duration.ofDays(1);

    /// The longest time that a no is kept (RFC 2308 §5).
    Duration LONGEST_NO = Duration.ofHours(3);

    /// How long a failure is kept, so that a dead server is not asked at once again (RFC 9520
    /// §3.2).
    Duration FAILURE = Duration.ofSeconds(5);

    /// How long it may be kept.
    Duration timeToLive();

    /// It answers the question.
    record Final(DnsAnswer says, Duration timeToLive) implements DnsReading {}

    /// It says only that the name is an alias, and stops there.
    ///
    /// @param authentic whether DNSSEC vouches for that
    record Alias(Name target, Duration timeToLive, boolean authentic) implements DnsReading {}

    /// Reads an answer that says yes, no such records, or no such name.
    ///
    /// @param trusted whether the server is believed what it says of DNSSEC
    static DnsReading read(Message message, Name name, RecordType type, boolean trusted) {
        boolean authentic = trusted && message.getHeader().getFlag(Flags.AD);
        Name at = name;
        Duration left = LONGEST;
        List<Record> answers = message.getSection(Section.ANSWER);
        for (int aliases = 0; aliases <= answers.size(); aliases++) {
            List<Record> records = records(answers, at, code(type));
            if (!records.isEmpty()) {
                List<DnsRecord> found = records.stream().flatMap(r -> of(r).stream()).toList();
                return new Final(
                        new DnsAnswer.Found(text(at), found, authentic), least(left, records));
            }
            List<Record> alias = records(answers, at, Type.CNAME);
            if (alias.isEmpty()) {
                break;
            }
            left = least(left, alias);
            at = ((CNAMERecord) alias.getFirst()).getTarget();
        }
        if (message.getRcode() == Rcode.NXDOMAIN) {
            return new Final(new DnsAnswer.NoSuchName(), shorter(left, no(message)));
        }
        boolean open = !at.equals(name) && no(message).isZero();
        return open
                ? new Alias(at, left, authentic)
                : new Final(new DnsAnswer.NoRecords(), shorter(left, no(message)));
    }

    /// Nobody knows.
    static DnsReading failed(String reason) {
        return new Final(new DnsAnswer.Failed(reason), FAILURE);
    }

    static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    static int code(RecordType type) {
        return switch (type) {
            case A -> Type.A;
            case AAAA -> Type.AAAA;
            case MX -> Type.MX;
            case PTR -> Type.PTR;
            case TXT -> Type.TXT;
            case CNAME -> Type.CNAME;
            case TLSA -> Type.TLSA;
        };
    }

    private static List<Record> records(List<Record> answers, Name name, int type) {
        return answers.stream()
                .filter(record -> record.getType() == type && record.getName().equals(name))
                .toList();
    }

    private static Duration least(Duration left, List<Record> records) {
        long seconds = records.stream().mapToLong(Record::getTTL).min().orElse(0);
        return shorter(left, Duration.ofSeconds(seconds));
    }

    /// How long a no may be kept: as the zone's SOA says, or not at all without one (RFC 2308 §5).
    private static Duration no(Message message) {
        return message.getSection(Section.AUTHORITY).stream()
                .filter(SOARecord.class::isInstance)
                .map(SOARecord.class::cast)
                .map(soa -> Duration.ofSeconds(Math.min(soa.getTTL(), soa.getMinimum())))
                .findFirst()
                .map(time -> shorter(time, LONGEST_NO))
                .orElse(Duration.ZERO);
    }

    private static Optional<DnsRecord> of(Record record) {
        return switch (record) {
            case ARecord a -> Optional.of(new DnsRecord.Address(a.getAddress()));
            case AAAARecord a -> Optional.of(new DnsRecord.Address(a.getAddress()));
            case MXRecord mx ->
                    Optional.of(new DnsRecord.Mx(mx.getPriority(), text(mx.getTarget())));
            case PTRRecord ptr -> Optional.of(new DnsRecord.Ptr(text(ptr.getTarget())));
            case TXTRecord txt -> Optional.of(new DnsRecord.Txt(joined(txt)));
            case CNAMERecord alias -> Optional.of(new DnsRecord.Cname(text(alias.getTarget())));
            case TLSARecord tlsa ->
                    Optional.of(
                            new DnsRecord.Tlsa(
                                    tlsa.getCertificateUsage(),
                                    tlsa.getSelector(),
                                    tlsa.getMatchingType(),
                                    HexFormat.of()
                                            .formatHex(tlsa.getCertificateAssociationData())));
            default -> Optional.empty();
        };
    }

    private static String joined(TXTRecord record) {
        List<String> strings = new ArrayList<>();
        for (Object octets : record.getStringsAsByteArrays()) {
            strings.add(new String((byte[]) octets, StandardCharsets.ISO_8859_1));
        }
        return String.join("", strings);
    }

    private static String text(Name name) {
        return name.equals(Name.root) ? "" : name.toString(true).toLowerCase(Locale.ROOT);
    }
}
