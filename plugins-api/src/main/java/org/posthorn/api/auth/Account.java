package org.posthorn.api.auth;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/// What a source keeps of somebody who may authenticate. Immutable.
///
/// Its form in a line of text is the name, its records, its certificates, and the addresses that it
/// may send as, with blanks between them.
///
/// @param identity its name and addresses
/// @param records what its password is verified by, one for each hash at most
/// @param certificates those that its clients may show in place of a password
public record Account(
        Identity identity, List<ScramRecord> records, List<Fingerprint> certificates) {
    private static final Pattern BLANKS = Pattern.compile("\\s+");
    private static final String CERTIFICATE = "CERTIFICATE-SHA-256$";

    /// Makes an account without certificates.
    ///
    /// @throws IllegalArgumentException when the name cannot stand in a line, or two records are of
    ///     the same hash
    public Account(Identity identity, List<ScramRecord> records) {
        this(identity, records, List.of());
    }

    /// Copies the lists, and checks them.
    ///
    /// @throws IllegalArgumentException when the name cannot stand in a line, two records are of
    ///     the same hash, or a certificate is there twice
    public Account {
        records = List.copyOf(records);
        certificates = List.copyOf(certificates);
        String name = identity.name();
        if (name.isEmpty() || name.length() > 255 || name.startsWith("#") || hasBlank(name)) {
            throw new IllegalArgumentException(
                    "a name has 1 to 255 characters, no blank among them, and no # at its head");
        }
        if (identity.senders().stream().anyMatch(it -> hasBlank(it.toString()))) {
            throw new IllegalArgumentException("an address to send as has no blanks");
        }
        if (records.stream().map(ScramRecord::hash).distinct().count() < records.size()) {
            throw new IllegalArgumentException("there is one record for each hash at most");
        }
        if (certificates.stream().distinct().count() < certificates.size()) {
            throw new IllegalArgumentException("the same certificate is there twice");
        }
    }

    private static boolean hasBlank(String text) {
        return text.chars().anyMatch(c -> Character.isWhitespace(c) || Character.isISOControl(c));
    }

    /// Reads a line. A name that is a mailbox may send as that, when the line has no addresses.
    ///
    /// @throws IllegalArgumentException when it is not an account; the message says why, and never
    ///     holds a key
    public static Account parse(String line) {
        List<String> words = BLANKS.splitAsStream(line.strip()).toList();
        List<ScramRecord> records = new ArrayList<>();
        List<Fingerprint> certificates = new ArrayList<>();
        List<SenderPattern> senders = new ArrayList<>();
        for (String word : words.subList(1, words.size())) {
            if (word.startsWith("SCRAM-") && word.contains("$")) {
                records.add(ScramRecord.parse(word));
            } else if (word.startsWith(CERTIFICATE)) {
                certificates.add(Fingerprint.parse(word.substring(CERTIFICATE.length())));
            } else {
                senders.add(SenderPattern.parse(word));
            }
        }
        if (records.isEmpty() && certificates.isEmpty()) {
            throw new IllegalArgumentException(
                    "an account is a name, a record such as SCRAM-SHA-256$… or a certificate such"
                            + " as "
                            + CERTIFICATE
                            + "…, and addresses");
        }
        if (senders.isEmpty() && words.getFirst().contains("@")) {
            senders.add(SenderPattern.parse(words.getFirst()));
        }
        return new Account(new Identity(words.getFirst(), senders), records, certificates);
    }

    /// Returns the record for a hash.
    public Optional<ScramRecord> record(ScramHash hash) {
        return records.stream().filter(it -> it.hash() == hash).findFirst();
    }

    /// Returns the line that [#parse] reads.
    public String line() {
        StringBuilder line = new StringBuilder(identity.name());
        records.forEach(record -> line.append(' ').append(record.text()));
        certificates.forEach(it -> line.append(' ').append(CERTIFICATE).append(it));
        identity.senders().forEach(sender -> line.append(' ').append(sender));
        return line.toString();
    }
}
