package org.posthorn.smtp.server;

import io.netty.util.concurrent.EventExecutor;

import org.jspecify.annotations.Nullable;
import org.posthorn.api.auth.AuthAnswer;
import org.posthorn.api.auth.Exchange;
import org.posthorn.api.auth.Identity;
import org.posthorn.api.event.MailEvent;
import org.posthorn.api.plugin.CloseReason;
import org.posthorn.api.plugin.Session.Authentication;
import org.posthorn.api.smtp.Reply;
import org.posthorn.smtp.sasl.SaslText;
import org.posthorn.smtp.server.Command.Auth;
import org.posthorn.smtp.server.State.Authenticating;
import org.posthorn.smtp.server.State.Closed;
import org.posthorn.smtp.server.State.Ready;
import org.posthorn.smtp.server.sasl.Inquiry;
import org.posthorn.smtp.server.sasl.Mechanism;
import org.posthorn.smtp.server.sasl.SourceFailedException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

/// Who the client is: `AUTH` and the exchange that it begins (RFC 4954 §4). Confined to the
/// session's event loop; sources of credentials are asked on virtual threads.
final class AuthCommands {
    private static final Logger LOG = LoggerFactory.getLogger(AuthCommands.class);

    /// On top of what all sources together may take, so that each can be told from the others.
    private static final Duration MARGIN = Duration.ofSeconds(1);

    private static final int MOST_DELAYS = 10;

    private final Service service;
    private final Authenticator authenticator;
    private final LiveSession session;
    private final EventExecutor loop;

    AuthCommands(Service service, LiveSession session, EventExecutor loop) {
        this.service = service;
        this.authenticator = service.authenticator();
        this.session = session;
        this.loop = loop;
    }

    CompletableFuture<Step> auth(Ready ready, Auth auth) {
        Reply refusal = refusal(auth);
        if (refusal != null) {
            return refusal.code() == 421
                    ? Step.at(new Closed(CloseReason.REFUSED), refusal)
                    : Step.at(ready, refusal);
        }
        List<String> offered = authenticator.mechanisms(session, session.channel());
        Inquiry inquiry =
                new Inquiry(
                        authenticator.sources(),
                        session,
                        session.channel(),
                        offered.contains(Mechanism.SCRAM_SHA_256_PLUS.text()),
                        authenticator.failures()::tooManyFor);
        AuthDialogue dialogue = new AuthDialogue(auth.mechanism(), inquiry);
        return switch (AuthResponse.initial(auth.initial()).orElse(null)) {
            case null -> step(dialogue, () -> dialogue.exchange().start(Optional.empty()));
            case AuthResponse.Octets(var octets) ->
                    step(dialogue, () -> dialogue.exchange().start(Optional.of(octets)));
            case AuthResponse.Cancelled _, AuthResponse.Malformed _, AuthResponse.TooLong _ ->
                    Step.at(ready, Replies.NOT_BASE64);
        };
    }

    private @Nullable Reply refusal(Auth auth) {
        if (session.authentication().isPresent()) {
            return Replies.AUTH_ALREADY;
        }
        if (!service.offers().any(Extension.AUTH)) {
            return Replies.NO_AUTH;
        }
        if (!session.extended()) {
            return Replies.HELLO_FIRST;
        }
        if (!authenticator.isSafe(session)) {
            return Replies.AUTH_NEEDS_TLS;
        }
        if (authenticator.failures().tooManyFrom(session.client().getAddress())) {
            return Replies.TOO_MANY_AUTH_FAILURES;
        }
        if (authenticator.mechanisms(session, session.channel()).contains(auth.mechanism())) {
            return null;
        }
        boolean off =
                Mechanism.of(auth.mechanism()).isPresent()
                        && !authenticator.config().mechanisms().contains(auth.mechanism());
        return off ? Replies.WEAK_MECHANISM : Replies.UNKNOWN_MECHANISM;
    }

    /// Takes a line of the exchange.
    CompletableFuture<Step> respond(Authenticating now, AuthResponse response) {
        AuthDialogue dialogue = now.dialogue();
        return switch (response) {
            case AuthResponse.Cancelled _ -> abandoned(dialogue, Replies.AUTH_CANCELLED);
            case AuthResponse.Malformed _ -> abandoned(dialogue, Replies.NOT_BASE64);
            case AuthResponse.TooLong _ -> abandoned(dialogue, Replies.AUTH_LINE_TOO_LONG);
            case AuthResponse.Octets(var octets) -> {
                Identity proved = dialogue.proved();
                if (proved == null) {
                    yield step(dialogue, () -> dialogue.exchange().respond(octets));
                }
                yield octets.hasRemaining()
                        ? abandoned(dialogue, Replies.NOTHING_EXPECTED)
                        : Step.at(State.READY, succeeded(dialogue, proved));
            }
        };
    }

    private CompletableFuture<Step> abandoned(AuthDialogue dialogue, Reply reply) {
        dialogue.close();
        return Step.at(State.READY, reply);
    }

    private CompletableFuture<Step> step(AuthDialogue dialogue, Callable<Exchange.Step> call) {
        return call(dialogue, call)
                .handle((step, failure) -> concluded(dialogue, step, failure))
                .thenCompose(Function.identity());
    }

    private CompletableFuture<Exchange.Step> call(
            AuthDialogue dialogue, Callable<Exchange.Step> call) {
        if (!authenticator.sources().mayBlock()) {
            try {
                return CompletableFuture.completedFuture(call.call());
            } catch (Exception e) {
                return CompletableFuture.failedFuture(e);
            }
        }
        Duration patience = authenticator.sources().patience().plus(MARGIN);
        var bounded = BoundedCall.start(call, patience, loop, service.hooks().stuck());
        dialogue.running(bounded.end());
        return bounded.answer();
    }

    private CompletableFuture<Step> concluded(
            AuthDialogue dialogue, Exchange.@Nullable Step step, @Nullable Throwable failure) {
        if (session.gone()) {
            dialogue.close();
            return Step.at(new Closed(CloseReason.CLIENT_LEFT), Replies.BYE);
        }
        return switch (step) {
            case null -> failed(dialogue, failure);
            case Exchange.Step.Challenge(var octets) ->
                    Step.at(new Authenticating(dialogue), challenge(octets));
            case Exchange.Step.Ended(var answer, var lastWord) ->
                    switch (answer) {
                        case AuthAnswer.Identified(var identity) when lastWord.isPresent() -> {
                            dialogue.prove(identity);
                            yield Step.at(new Authenticating(dialogue), challenge(lastWord.get()));
                        }
                        case AuthAnswer.Identified(var identity) ->
                                Step.at(State.READY, succeeded(dialogue, identity));
                        case AuthAnswer.Refused _ -> refused(dialogue);
                        case AuthAnswer.Unavailable(var reason) -> unavailable(dialogue, reason);
                    };
        };
    }

    private static Reply challenge(ByteBuffer octets) {
        return Reply.plain(334, SaslText.base64(octets));
    }

    private Reply succeeded(AuthDialogue dialogue, Identity identity) {
        dialogue.close();
        String plugin = dialogue.inquiry().plugin();
        session.authenticated(new Authentication(identity, dialogue.mechanism(), plugin));
        service.observer()
                .tell(
                        new MailEvent.Authenticated(
                                service.clock().instant(),
                                session.id(),
                                session.client(),
                                dialogue.mechanism(),
                                identity.name(),
                                plugin));
        return Replies.AUTHENTICATED;
    }

    private CompletableFuture<Step> refused(AuthDialogue dialogue) {
        int failures =
                authenticator
                        .failures()
                        .add(session.client().getAddress(), dialogue.inquiry().name());
        tell(dialogue, "refused");
        boolean last = session.authFailed() >= authenticator.config().maxFailures();
        return after(
                authenticator.config().failureDelay().multipliedBy(Math.min(failures, MOST_DELAYS)),
                last
                        ? Step.to(new Closed(CloseReason.REFUSED), Replies.TOO_MANY_AUTH_FAILURES)
                        : Step.to(State.READY, Replies.NOT_AUTHENTICATED));
    }

    /// Nobody can say who the client is, so nobody says that it is somebody.
    private CompletableFuture<Step> unavailable(AuthDialogue dialogue, String reason) {
        tell(dialogue, reason);
        return after(
                authenticator.config().failureDelay(),
                Step.to(State.READY, Replies.AUTH_UNAVAILABLE));
    }

    private CompletableFuture<Step> failed(AuthDialogue dialogue, @Nullable Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null
                        ? failure.getCause()
                        : failure;
        String plugin = dialogue.inquiry().plugin();
        Throwable why =
                cause instanceof SourceFailedException && cause.getCause() != null
                        ? cause.getCause()
                        : cause;
        if (why instanceof TimeoutException) {
            LOG.warn("plugin {} in credentials: {}", plugin, why.getMessage());
        } else {
            LOG.warn("plugin {} failed in credentials", plugin, why);
        }
        service.observer()
                .tell(
                        new MailEvent.PluginFailed(
                                service.clock().instant(),
                                session.id(),
                                plugin,
                                "credentials",
                                String.valueOf(why)));
        return unavailable(dialogue, "plugin " + plugin + " failed");
    }

    private void tell(AuthDialogue dialogue, String reason) {
        dialogue.close();
        service.observer()
                .tell(
                        new MailEvent.AuthenticationFailed(
                                service.clock().instant(),
                                session.id(),
                                session.client(),
                                dialogue.mechanism(),
                                dialogue.inquiry().name(),
                                reason));
    }

    private CompletableFuture<Step> after(Duration delay, Step step) {
        if (delay.isZero()) {
            return CompletableFuture.completedFuture(step);
        }
        CompletableFuture<Step> later = new CompletableFuture<>();
        loop.schedule(() -> later.complete(step), delay.toNanos(), TimeUnit.NANOSECONDS);
        return later;
    }
}
