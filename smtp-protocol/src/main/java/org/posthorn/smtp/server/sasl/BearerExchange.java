package org.posthorn.smtp.server.sasl;

import org.posthorn.api.auth.AuthAnswer;
import org.posthorn.api.auth.AuthAnswer.Refused;
import org.posthorn.api.auth.Exchange;
import org.posthorn.api.auth.Tokens;
import org.posthorn.smtp.sasl.BearerMessage;
import org.posthorn.smtp.sasl.SaslSyntaxException;
import org.posthorn.smtp.sasl.SaslText;

import java.nio.ByteBuffer;
import java.util.Optional;

/// `OAUTHBEARER` (RFC 7628) and `XOAUTH2`: one message with a token. A client that is refused is
/// told by a challenge what would be needed, has to answer that, and fails then.
final class BearerExchange implements Exchange {
    private final Inquiry inquiry;
    private final Mechanism mechanism;
    private boolean failed;

    BearerExchange(Inquiry inquiry, Mechanism mechanism) {
        this.inquiry = inquiry;
        this.mechanism = mechanism;
    }

    @Override
    public Step start(Optional<ByteBuffer> response) {
        return ClientFirst.start(response, this::respond);
    }

    @Override
    public Step respond(ByteBuffer response) {
        if (failed) {
            return Step.Ended.with(AuthAnswer.REFUSED);
        }
        try {
            boolean old = mechanism == Mechanism.XOAUTH2;
            BearerMessage message =
                    old ? BearerMessage.parseXoauth2(response) : BearerMessage.parse(response);
            AuthAnswer answer = inquiry.token(mechanism.text(), message, response);
            return answer instanceof Refused
                    ? refusal(old ? "401" : "invalid_token")
                    : Step.Ended.with(answer);
        } catch (SaslSyntaxException e) {
            return refusal("invalid_request");
        }
    }

    private Step refusal(String status) {
        failed = true;
        StringBuilder json = new StringBuilder("{\"status\":\"" + status + "\"");
        if (mechanism == Mechanism.XOAUTH2) {
            json.append(",\"schemes\":\"bearer\"");
        }
        Optional<Tokens> tokens = inquiry.tokens();
        tokens.flatMap(Tokens::scope).ifPresent(it -> add(json, "scope", it));
        tokens.flatMap(Tokens::discovery).ifPresent(it -> add(json, "openid-configuration", it));
        return new Step.Challenge(SaslText.octetsOf(json.append('}').toString()));
    }

    private static void add(StringBuilder json, String key, String value) {
        String escaped =
                value.replaceAll("\\p{Cntrl}", "").replace("\\", "\\\\").replace("\"", "\\\"");
        json.append(",\"").append(key).append("\":\"").append(escaped).append('"');
    }
}
