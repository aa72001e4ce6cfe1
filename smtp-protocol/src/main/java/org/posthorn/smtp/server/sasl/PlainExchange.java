package org.posthorn.smtp.server.sasl;

import org.posthorn.api.auth.AuthAnswer;
import org.posthorn.api.auth.Exchange;
import org.posthorn.smtp.sasl.PlainMessage;
import org.posthorn.smtp.sasl.SaslSyntaxException;

import java.nio.ByteBuffer;
import java.util.Optional;

/// `PLAIN` (RFC 4616): one message with name and password.
record PlainExchange(Inquiry inquiry) implements Exchange {

    @Override
    public Step start(Optional<ByteBuffer> response) {
        return ClientFirst.start(response, this::respond);
    }

    @Override
    public Step respond(ByteBuffer response) {
        try {
            return Step.Ended.with(inquiry.password(PlainMessage.parse(response)));
        } catch (SaslSyntaxException e) {
            return Step.Ended.with(AuthAnswer.REFUSED);
        }
    }
}
