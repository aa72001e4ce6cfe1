package org.posthorn.smtp.server;

import org.jspecify.annotations.Nullable;
import org.posthorn.api.mail.Content;
import org.posthorn.api.mail.Headers;
import org.posthorn.api.plugin.Message;

/// A message that is complete and not committed, as plugins see it. Its header section is parsed
/// when the first one asks.
final class DraftMessage implements Message {
    private final Reception reception;
    private @Nullable Headers headers;

    DraftMessage(Reception reception) {
        this.reception = reception;
    }

    @Override
    public Headers headers() {
        Headers parsed = headers;
        if (parsed == null) {
            parsed = ParsedHeaders.of(reception.header().asSent());
            headers = parsed;
        }
        return parsed;
    }

    @Override
    public Content content() {
        return reception.draft().content(reception.header().asSent());
    }
}
