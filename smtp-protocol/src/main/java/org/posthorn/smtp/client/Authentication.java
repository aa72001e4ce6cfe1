package org.posthorn.smtp.client;

import org.posthorn.api.smtp.Reply;
import org.posthorn.smtp.client.ClientException.Step;
import org.posthorn.smtp.sasl.SaslSyntaxException;
import org.posthorn.smtp.sasl.SaslText;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// Logs in: `AUTH` (RFC 4954 §4). One thread, once.
///
/// @param wire the session's
/// @param time how long each answer may take
record Authentication(Wire wire, Duration time) {
    private static final int MOST_CHALLENGES = 4;
    private static final int CHALLENGE = 334;
    private static final int LONGEST_FIRST = 400;

    /// Runs one mechanism to its end.
    void run(SaslExchange exchange) throws ClientException, InterruptedException {
        Reply reply = ask(command(exchange));
        if (reply.code() == CHALLENGE && held(exchange).isPresent()) {
            reply = ask(held(exchange).get());
        }
        for (int i = 0; reply.code() == CHALLENGE; i++) {
            if (i == MOST_CHALLENGES) {
                throw wire.faults().protocol(Step.AUTH, "a mechanism ends", null);
            }
            reply = ask(answer(exchange, reply));
        }
        if (!reply.isSuccess()) {
            String status = reply.isPermanent() ? "4.7.8" : "4.7.0";
            throw wire.faults().stranger(status, "did not let us in: " + reply);
        }
        if (!exchange.isComplete()) {
            throw wire.faults().stranger("4.7.8", "did not prove that it knows the password");
        }
    }

    /// An initial response that makes a long line is sent when asked for (RFC 4954 §4).
    private static String command(SaslExchange exchange) {
        String begin = "AUTH " + exchange.name();
        return exchange.first().isEmpty() || held(exchange).isPresent()
                ? begin
                : begin + " " + SaslText.base64(exchange.first().get());
    }

    private static Optional<String> held(SaslExchange exchange) {
        return exchange.first().map(SaslText::base64).filter(text -> text.length() > LONGEST_FIRST);
    }

    private String answer(SaslExchange exchange, Reply challenge)
            throws ClientException, InterruptedException {
        try {
            byte[] octets =
                    SaslText.octets(challenge.text().strip())
                            .orElseThrow(() -> new SaslSyntaxException("a challenge is in Base64"));
            return SaslText.base64(exchange.answer(ByteBuffer.wrap(octets)));
        } catch (SaslSyntaxException e) {
            wire.say(List.of("*"));
            wire.next(Step.AUTH, time);
            throw wire.faults().protocol(Step.AUTH, e.getMessage(), e);
        }
    }

    private Reply ask(String line) throws ClientException, InterruptedException {
        wire.say(List.of(line));
        Reply reply = wire.next(Step.AUTH, time);
        if (reply.code() == 421) {
            throw wire.faults().closing(Step.AUTH, reply);
        }
        return reply;
    }
}
