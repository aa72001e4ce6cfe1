package org.posthorn.smtp.server.sasl;

import org.posthorn.api.auth.AuthAnswer;
import org.posthorn.api.auth.Exchange;
import org.posthorn.smtp.sasl.SaslSyntaxException;
import org.posthorn.smtp.sasl.SaslText;

import java.nio.ByteBuffer;
import java.util.Optional;

/// `EXTERNAL` (RFC 4422 appendix A): the client is who its certificate says, or who it asks to be
/// and that certificate allows.
record ExternalExchange(Inquiry inquiry) implements Exchange {

    @Override
    public Step start(Optional<ByteBuffer> response) {
        return ClientFirst.start(response, this::respond);
    }

    @Override
    public Step respond(ByteBuffer response) {
        try {
            String name = SaslText.utf8(response);
            if (name.indexOf('\0') >= 0) {
                return Step.Ended.with(AuthAnswer.REFUSED);
            }
            return Step.Ended.with(
                    inquiry.certificate(Optional.of(name).filter(it -> !it.isEmpty()), response));
        } catch (SaslSyntaxException e) {
            return Step.Ended.with(AuthAnswer.REFUSED);
        }
    }
}
