package org.posthorn.integration.peer;

import org.posthorn.integration.harness.Arrived;
import org.posthorn.integration.harness.Finished;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.util.List;

/// A delivery status notification (RFC 3464) as Python's `email` package reads it.
///
/// @param report `type`, `report`, `defects`, `header`, `parts`, `text`, `message`, `recipients`,
///     `returned`
public record Bounce(JsonNode report) {

    /// Has a message read.
    public static Bounce of(Arrived arrived) {
        List<String> command = List.of(Peer.PYTHON.path(), "-c", Client.script("report.py"));
        String json = Finished.run(command, arrived.octets()).succeeded().output();
        return new Bounce(JsonMapper.shared().readTree(json));
    }

    /// Returns a field of the bounce's own header.
    public String header(String name) {
        return report.path("header").path(name).asString("");
    }

    /// Returns a field of the only recipient's group.
    public String recipient(String name) {
        return report.path("recipients").path(0).path(name).asString("");
    }

    /// Returns what a person reads, on one line.
    public String text() {
        return report.path("text").asString().replaceAll("\\s+", " ");
    }

    /// Returns what it returns of the message.
    public String returned() {
        return report.path("returned").asString();
    }
}
