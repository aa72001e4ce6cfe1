package org.posthorn.server.transfer;

import org.posthorn.api.delivery.Outcome;
import org.posthorn.api.mail.Mailbox;
import org.posthorn.api.mail.Recipient;
import org.posthorn.api.smtp.Reply;
import org.posthorn.queue.PortableMessage;
import org.posthorn.queue.PortableMessage.PortableJob;
import org.posthorn.queue.PortableMessage.Waiting;
import org.posthorn.queue.QueuedMessage.HistoryEntry;

import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.PrettyPrinter;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.util.DefaultPrettyPrinter;

import java.io.ByteArrayOutputStream;
import java.util.Locale;
import java.util.Map;

/// Writes all that a queue keeps of a message besides its content as JSON, for people and for
/// [EnvelopeReader]. For one message.
final class EnvelopeWriter {
    /// What this is a version of.
    static final int FORMAT = 1;

    private static final JsonFactory FACTORY = new JsonFactory();

    private final JsonGenerator json;

    private EnvelopeWriter(JsonGenerator json) {
        this.json = json;
    }

    /// Writes it.
    ///
    /// @param size how many octets the content has
    static byte[] write(PortableMessage message, long size) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (JsonGenerator json = FACTORY.createGenerator(new Indented(), out)) {
            new EnvelopeWriter(json).message(message, size);
        }
        out.write('\n');
        return out.toByteArray();
    }

    private static final class Indented extends ObjectWriteContext.Base {
        @Override
        public boolean hasPrettyPrinter() {
            return true;
        }

        @Override
        public PrettyPrinter getPrettyPrinter() {
            return new DefaultPrettyPrinter();
        }
    }

    private void message(PortableMessage message, long size) {
        json.writeStartObject();
        json.writeNumberProperty("format", FORMAT);
        text("id", message.id().text());
        text("sender", message.envelope().sender().mailbox().map(Mailbox::toString).orElse(""));
        map("parameters", message.envelope().parameters().values());
        json.writeName("recipients");
        json.writeStartArray();
        message.envelope().recipients().forEach(this::recipient);
        json.writeEndArray();
        text("accepted", message.acceptedAt().toString());
        json.writeNumberProperty("size", size);
        map("metadata", message.metadata());
        json.writeName("jobs");
        json.writeStartArray();
        message.jobs().forEach(this::job);
        json.writeEndArray();
        json.writeEndObject();
    }

    private void text(String name, String value) {
        json.writeStringProperty(name, value);
    }

    private void map(String name, Map<String, String> values) {
        if (!values.isEmpty()) {
            json.writeName(name);
            json.writeStartObject();
            values.forEach(this::text);
            json.writeEndObject();
        }
    }

    private void recipient(Recipient recipient) {
        json.writeStartObject();
        text("address", recipient.mailbox().toString());
        map("parameters", recipient.parameters().values());
        json.writeEndObject();
    }

    private void job(PortableJob job) {
        json.writeStartObject();
        json.writeNumberProperty("number", job.number());
        text("destination", job.destination().toString());
        text("due", job.due().toString());
        json.writeNumberProperty("attempts", job.attempts());
        job.hold().ifPresent(it -> text("hold", it));
        job.route().ifPresent(it -> text("route", it));
        job.bounce().ifPresent(it -> text("bounce", it));
        json.writeName("marks");
        json.writeStartArray();
        job.marks().stream().map(EnvelopeWriter::word).sorted().forEach(json::writeString);
        json.writeEndArray();
        json.writeName("waiting");
        json.writeStartArray();
        job.waiting().forEach(this::waiting);
        json.writeEndArray();
        json.writeName("history");
        json.writeStartArray();
        job.history().forEach(this::event);
        json.writeEndArray();
        json.writeEndObject();
    }

    /// Returns a constant's name as it stands in JSON.
    static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private void waiting(Waiting waiting) {
        json.writeStartObject();
        json.writeNumberProperty("recipient", waiting.recipient());
        waiting.last().ifPresent(this::outcome);
        json.writeEndObject();
    }

    private void outcome(Outcome outcome) {
        Reply reply = outcome.reply();
        json.writeName("last");
        json.writeStartObject();
        text(
                "outcome",
                switch (outcome) {
                    case Outcome.Delivered _ -> "delivered";
                    case Outcome.Deferred _ -> "deferred";
                    case Outcome.Failed _ -> "failed";
                });
        json.writeNumberProperty("code", reply.code());
        reply.status().ifPresent(it -> text("status", it.toString()));
        json.writeName("lines");
        json.writeStartArray();
        reply.lines().forEach(json::writeString);
        json.writeEndArray();
        json.writeEndObject();
    }

    private void event(HistoryEntry event) {
        json.writeStartObject();
        text("at", event.at().toString());
        text("by", event.by());
        text("text", event.text());
        json.writeEndObject();
    }
}
