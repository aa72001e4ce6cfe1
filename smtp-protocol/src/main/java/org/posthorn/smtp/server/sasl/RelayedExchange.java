package org.posthorn.smtp.server.sasl;

import org.posthorn.api.auth.Exchange;

import java.nio.ByteBuffer;
import java.util.Optional;

/// An exchange that a source leads: each of its steps within the source's time.
///
/// @param exchange the source's own
record RelayedExchange(Inquiry inquiry, SaslSource source, Exchange exchange) implements Exchange {

    @Override
    public Step start(Optional<ByteBuffer> response) {
        return inquiry.within(source, () -> exchange.start(response));
    }

    @Override
    public Step respond(ByteBuffer response) {
        return inquiry.within(source, () -> exchange.respond(response));
    }

    @Override
    public void close() {
        inquiry.within(
                source,
                () -> {
                    exchange.close();
                    return true;
                });
    }
}
