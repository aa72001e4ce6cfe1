package org.posthorn.smtp.server.sasl;

import org.jspecify.annotations.Nullable;
import org.posthorn.api.auth.AuthAnswer;
import org.posthorn.api.auth.Exchange;
import org.posthorn.smtp.sasl.PlainMessage;
import org.posthorn.smtp.sasl.SaslSyntaxException;
import org.posthorn.smtp.sasl.SaslText;

import java.nio.ByteBuffer;
import java.util.Optional;

/// `LOGIN`: name and password, each after a prompt that all servers word alike. An initial response
/// is the name.
final class LoginExchange implements Exchange {
    private static final Step NAME = new Step.Challenge(SaslText.octetsOf("Username:"));
    private static final Step PASSWORD = new Step.Challenge(SaslText.octetsOf("Password:"));

    private final Inquiry inquiry;
    private @Nullable String name;

    LoginExchange(Inquiry inquiry) {
        this.inquiry = inquiry;
    }

    @Override
    public Step start(Optional<ByteBuffer> response) {
        return response.map(this::respond).orElse(NAME);
    }

    @Override
    public Step respond(ByteBuffer response) {
        try {
            String text = SaslText.utf8(response);
            String known = name;
            if (known == null) {
                name = text;
                return PASSWORD;
            }
            return Step.Ended.with(
                    inquiry.password(new PlainMessage(Optional.empty(), known, text)));
        } catch (SaslSyntaxException e) {
            return Step.Ended.with(AuthAnswer.REFUSED);
        }
    }
}
