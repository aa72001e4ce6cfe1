package org.posthorn.server.command;

import org.jspecify.annotations.Nullable;
import org.posthorn.api.mail.MessageId;
import org.posthorn.server.selection.Selection;

import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import java.util.Optional;

/// The argument or option that says which mail is meant: one of them.
final class WhichMail {
    @Parameters(paramLabel = "ID", description = "A message's id.")
    private @Nullable MessageId id;

    @Option(
            names = "--where",
            paramLabel = "SELECTION",
            description =
                    "All mail for which all terms hold: sender, recipient, domain, reason, route, tenant"
                            + " and metadata.NAME with = or != and a pattern; state=held; age>2d;"
                            + " size>10MB; attempts>=3; or * for all.")
    private @Nullable Selection where;

    Optional<MessageId> id() {
        return Optional.ofNullable(id);
    }

    /// Returns it as the server takes it.
    String selection() {
        return id == null ? String.valueOf(where) : id.text();
    }
}
