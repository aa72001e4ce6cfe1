package org.posthorn.smtp.server;

import org.posthorn.api.auth.Identity;
import org.posthorn.api.mail.HeaderField;
import org.posthorn.api.mail.Headers;
import org.posthorn.api.plugin.Session;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// What a submission server does to a header section: it adds what a mail client left out, and
/// minds who the message claims to be from (RFC 6409 §6 and §8).
final class Completion {
    private Completion() {}

    /// Returns the fields that are missing: `Date` (§8.2) and `Message-ID` (§8.3).
    ///
    /// @param section as the client sent it
    /// @param id unique among all messages of this host
    static List<HeaderField> missing(
            ByteBuffer section, Edits edits, Instant now, String id, String hostname) {
        Headers headers = ParsedHeaders.of(section);
        List<HeaderField> missing = new ArrayList<>();
        if (!has("Date", headers, edits)) {
            missing.add(new HeaderField("Date", ReceivedField.date(now)));
        }
        if (!has("Message-ID", headers, edits)) {
            missing.add(new HeaderField("Message-ID", "<" + id + "@" + hostname + ">"));
        }
        return missing;
    }

    private static boolean has(String name, Headers headers, Edits edits) {
        boolean added = edits.added().stream().anyMatch(it -> it.name().equalsIgnoreCase(name));
        boolean removed = edits.removed().stream().anyMatch(name::equalsIgnoreCase);
        return added || !removed && headers.first(name).isPresent();
    }

    /// Tells whether a message is from addresses of the account alone, by its `From` and `Sender`.
    /// What cannot be read as a mailbox is nobody's own.
    static boolean isOwn(ByteBuffer section, Session session) {
        ParsedHeaders headers = ParsedHeaders.of(section);
        return !headers.mailboxes("From").isEmpty()
                && session.authentication().stream().allMatch(it -> isOwn(headers, it.identity()));
    }

    private static boolean isOwn(ParsedHeaders headers, Identity identity) {
        return Stream.of("From", "Sender")
                .allMatch(
                        name ->
                                headers.isReadable(name)
                                        && headers.mailboxes(name).stream()
                                                .allMatch(identity::maySendAs));
    }
}
