package org.posthorn.smtp.server;

import org.posthorn.api.event.MailEvent;
import org.posthorn.api.intake.Submission;
import org.posthorn.api.mail.FutureRelease;
import org.posthorn.api.mail.HeaderField;
import org.posthorn.api.mail.MessageId;
import org.posthorn.api.plugin.Session;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// A message at the instant of its commit: all that the draft lacks, and what will be told.
///
/// @param session the session's name
/// @param submission what the draft lacks
/// @param size the octets of the whole message
record Acceptance(String session, Submission submission, long size) {
    private static final int MAX_TRAIL = 1024;

    static Acceptance of(
            Service service,
            Session session,
            long number,
            OpenTransaction transaction,
            Reception reception) {
        Instant now = service.clock().instant();
        byte[] received =
                ReceivedField.of(
                        session,
                        transaction,
                        service.settings().hostname(),
                        number,
                        service.isLmtp(),
                        now);
        Edits edits = transaction.edits();
        List<HeaderField> added = new ArrayList<>(edits.added());
        if (service.authenticator().isSubmission()) {
            added.addAll(
                    Completion.missing(
                            reception.header().asSent(),
                            edits,
                            now,
                            session.id() + "." + number,
                            service.settings().hostname().ascii()));
        }
        ByteBuffer header = reception.header().edited(received, added, edits.removed());
        Submission submission =
                new Submission(
                        transaction.finalEnvelope(),
                        header,
                        transaction.fate().hold(),
                        facts(service, session, transaction, reception),
                        FutureRelease.of(transaction.envelope().parameters(), now));
        return new Acceptance(session.id(), submission, header.limit() + reception.bodySize());
    }

    /// Plugins do not overwrite what the server itself knows.
    private static Map<String, String> facts(
            Service service, Session session, OpenTransaction transaction, Reception reception) {
        Edits edits = transaction.edits();
        Map<String, String> facts = new HashMap<>(edits.metadata());
        if (!edits.trail().isEmpty()) {
            String trail = String.join("; ", edits.trail());
            facts.put("edits", trail.substring(0, Math.min(trail.length(), MAX_TRAIL)));
        }
        boolean utf8 = transaction.envelope().parameters().smtpUtf8();
        facts.put("session", session.id());
        facts.put("listener", session.listener());
        facts.put("client", session.client().getAddress().getHostAddress());
        facts.put("client-port", Integer.toString(session.client().getPort()));
        session.clientName().ifPresent(it -> facts.put("client-name", it));
        session.forwarded().forEach((name, value) -> facts.put("forwarded-" + lower(name), value));
        facts.put("helo", session.helo().orElse(""));
        facts.put("protocol", ReceivedField.protocol(session, service.isLmtp(), utf8));
        session.authentication()
                .ifPresent(
                        it -> {
                            facts.put("authenticated", it.identity().name());
                            facts.put("mechanism", it.mechanism());
                        });
        if (reception.header().tlsOptional()) {
            facts.put("tls-required", "no");
        }
        session.tls().ifPresent(tls -> facts.put("tls", tls.protocol() + " " + tls.cipher()));
        return facts;
    }

    private static String lower(String name) {
        return name.toLowerCase(Locale.ROOT);
    }

    /// What is told when the message has its id.
    MailEvent event(MessageId id, Instant time) {
        return new MailEvent.Accepted(
                time, id, Optional.of(session), submission.envelope(), size, submission.hold());
    }
}
