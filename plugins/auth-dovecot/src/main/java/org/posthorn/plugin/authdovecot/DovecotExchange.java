package org.posthorn.plugin.authdovecot;

import org.jspecify.annotations.Nullable;
import org.posthorn.api.auth.AuthAnswer;
import org.posthorn.api.auth.Exchange;
import org.posthorn.api.auth.Identity;
import org.posthorn.api.auth.SenderPattern;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/// One exchange that Dovecot leads: responses go there, challenges come from there.
final class DovecotExchange implements Exchange {
    private final DovecotExchanges dovecot;
    private final AuthDovecotSettings settings;
    private final AuthRequest request;
    private AuthConnection.@Nullable Asking asking;

    DovecotExchange(DovecotExchanges dovecot, AuthDovecotSettings settings, AuthRequest request) {
        this.dovecot = dovecot;
        this.settings = settings;
        this.request = request;
    }

    @Override
    public Step start(Optional<ByteBuffer> response) {
        try {
            var begun = dovecot.connection().begin();
            asking = begun;
            String tail = response.map(it -> "\tresp=" + base64(it)).orElse("");
            return step(
                    begun.ask(
                            "AUTH\t"
                                    + begun.id()
                                    + '\t'
                                    + request.mechanism()
                                    + request.parameters()
                                    + tail));
        } catch (IOException e) {
            return unavailable(e.toString());
        }
    }

    @Override
    public Step respond(ByteBuffer response) {
        var open = asking;
        if (open == null) {
            throw new IllegalStateException("the exchange has not begun, or is over");
        }
        try {
            return step(open.ask("CONT\t" + open.id() + '\t' + base64(response)));
        } catch (IOException e) {
            return unavailable(e.toString());
        }
    }

    private Step step(AuthReply reply) {
        if (reply.kind().equals("CONT")) {
            return new Step.Challenge(
                    octets(reply.parameters().isEmpty() ? "" : reply.parameters().getFirst()));
        }
        asking = null;
        if (!reply.kind().equals("OK")) {
            return reply.isTemporary()
                    ? unavailable(reply.value("reason").orElse("Dovecot cannot say"))
                    : Step.Ended.with(AuthAnswer.REFUSED);
        }
        Optional<String> user = reply.value("user");
        return user.isEmpty()
                ? unavailable("Dovecot believes a client, and does not say who it is")
                : new Step.Ended(
                        new AuthAnswer.Identified(identity(user.get())),
                        reply.value("resp").map(DovecotExchange::octets));
    }

    private Identity identity(String user) {
        String address =
                user.contains("@")
                        ? user
                        : settings.domain().map(domain -> user + "@" + domain).orElse("");
        try {
            return new Identity(user, List.of(SenderPattern.parse(address)));
        } catch (IllegalArgumentException e) {
            return new Identity(user, List.of());
        }
    }

    private static Step unavailable(String reason) {
        return Step.Ended.with(new AuthAnswer.Unavailable(reason));
    }

    private static ByteBuffer octets(String base64) {
        return ByteBuffer.wrap(Base64.getDecoder().decode(base64));
    }

    private static String base64(ByteBuffer octets) {
        byte[] copy = new byte[octets.remaining()];
        octets.duplicate().get(copy);
        return new String(Base64.getEncoder().encode(copy), StandardCharsets.US_ASCII);
    }

    @Override
    public void close() {
        var open = asking;
        if (open != null) {
            asking = null;
            open.cancel();
        }
    }
}
