package org.posthorn.smtp.server.sasl;

import org.posthorn.api.auth.Account;
import org.posthorn.api.auth.Accounts;
import org.posthorn.api.auth.AuthAnswer;
import org.posthorn.api.auth.AuthAnswer.Identified;
import org.posthorn.api.auth.AuthAnswer.Refused;
import org.posthorn.api.auth.AuthAnswer.Unavailable;
import org.posthorn.api.auth.Certificates;
import org.posthorn.api.auth.Exchange;
import org.posthorn.api.auth.Exchanges;
import org.posthorn.api.auth.Passwords;
import org.posthorn.api.auth.ScramHash;
import org.posthorn.api.auth.ScramRecord;
import org.posthorn.api.auth.Tokens;
import org.posthorn.api.plugin.Session;
import org.posthorn.api.plugin.Session.ClientCertificate;
import org.posthorn.smtp.sasl.BearerMessage;
import org.posthorn.smtp.sasl.PlainMessage;
import org.posthorn.smtp.sasl.SaslPrep;

import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;

/// One client's attempt to authenticate: the questions that its mechanism puts to the sources, one
/// after the other until one knows the client, and what is learned on the way. One thread at a
/// time, each seeing what those before it wrote.
public final class Inquiry {
    private static final AuthAnswer TOO_OFTEN =
            new Unavailable("too many failures for this account");

    private final SaslSources sources;
    private final Session session;
    private final SaslChannel channel;
    private final boolean bindingOffered;
    private final Predicate<String> tooOften;
    private String name = "";
    private String plugin = "";

    /// Begins one.
    ///
    /// @param channel what TLS gives
    /// @param bindingOffered whether a mechanism was offered that is bound to TLS
    /// @param tooOften whether an account, by its name, has failed so often that nobody is asked
    public Inquiry(
            SaslSources sources,
            Session session,
            SaslChannel channel,
            boolean bindingOffered,
            Predicate<String> tooOften) {
        this.sources = sources;
        this.session = session;
        this.channel = channel;
        this.bindingOffered = bindingOffered;
        this.tooOften = tooOften;
    }

    /// Returns who the client says it is, as far as that has come out; else empty text.
    public String name() {
        return name;
    }

    /// Returns the plugin that was asked last, or empty text.
    public String plugin() {
        return plugin;
    }

    /// Begins the exchange of a mechanism that is offered.
    public Exchange begin(String mechanism) {
        return Mechanism.of(mechanism)
                .map(ours -> ours.begin(this))
                .orElseGet(
                        () ->
                                sources.all().stream()
                                        .filter(it -> SaslSources.relays(it, mechanism))
                                        .findFirst()
                                        .map(it -> relay(it, mechanism))
                                        .orElseThrow());
    }

    SaslChannel channel() {
        return channel;
    }

    boolean bindingOffered() {
        return bindingOffered;
    }

    String nonce() {
        return sources.nonce();
    }

    /// A question to one source.
    private interface Question {
        AuthAnswer put(SaslSource source) throws InterruptedException;
    }

    private AuthAnswer ask(String claimed, Question question) {
        name = claimed;
        if (tooOften.test(claimed)) {
            return TOO_OFTEN;
        }
        for (SaslSource source : sources.all()) {
            AuthAnswer answer = within(source, () -> question.put(source));
            if (!(answer instanceof Refused)) {
                return answer;
            }
        }
        return AuthAnswer.REFUSED;
    }

    /// Asks whose password this is.
    AuthAnswer password(PlainMessage message) {
        String login = SaslPrep.query(message.name()).orElse("");
        String password = SaslPrep.query(message.password()).orElse("");
        if (login.isEmpty() || password.isEmpty()) {
            return AuthAnswer.REFUSED;
        }
        boolean asItself = message.authorization().stream().allMatch(login::equals);
        return ask(
                login,
                source ->
                        switch (source.credentials()) {
                            case Accounts accounts when asItself ->
                                    verified(accounts.find(session, login), login, password);
                            case Passwords passwords when asItself ->
                                    passwords.check(session, login, password);
                            case Exchanges _ -> relayed(source, "PLAIN", message.octets());
                            case Accounts _, Passwords _, Tokens _, Certificates _ ->
                                    AuthAnswer.REFUSED;
                        });
    }

    private AuthAnswer verified(Accounts.Lookup lookup, String login, String password)
            throws InterruptedException {
        return switch (lookup) {
            case Accounts.Lookup.Found(var account) ->
                    sources.verifies(record(account, login), password)
                            ? new Identified(account.identity())
                            : AuthAnswer.REFUSED;
            case Accounts.Lookup.Unknown _ -> refusedAtTheSameCost(login, password);
            case Accounts.Lookup.Unavailable(var reason) -> new Unavailable(reason);
        };
    }

    private AuthAnswer refusedAtTheSameCost(String login, String password)
            throws InterruptedException {
        sources.verifies(sources.pretended(ScramHash.SHA_256, login), password);
        return AuthAnswer.REFUSED;
    }

    private ScramRecord record(Account account, String login) {
        return account.record(ScramHash.SHA_256)
                .or(() -> account.record(ScramHash.SHA_1))
                .orElseGet(() -> sources.pretended(ScramHash.SHA_256, login));
    }

    /// Asks whose token this is.
    AuthAnswer token(String mechanism, BearerMessage message, ByteBuffer octets) {
        return ask(
                message.name().orElse(""),
                source ->
                        switch (source.credentials()) {
                            case Tokens tokens ->
                                    tokens.check(session, message.name(), message.token());
                            case Exchanges _ -> relayed(source, mechanism, octets);
                            case Accounts _, Passwords _, Certificates _ -> AuthAnswer.REFUSED;
                        });
    }

    /// Returns the first source of tokens, which says what a client without a good one is told.
    Optional<Tokens> tokens() {
        return sources.all().stream()
                .map(SaslSource::credentials)
                .filter(Tokens.class::isInstance)
                .map(Tokens.class::cast)
                .findFirst();
    }

    /// Asks whose certificate this is.
    AuthAnswer certificate(Optional<String> authorization, ByteBuffer octets) {
        return channel.certificate()
                .map(
                        it ->
                                ask(
                                        authorization.orElse(""),
                                        to -> whose(to, it, authorization, octets)))
                .orElse(AuthAnswer.REFUSED);
    }

    private AuthAnswer whose(
            SaslSource source,
            ClientCertificate certificate,
            Optional<String> authorization,
            ByteBuffer octets) {
        if (!Mechanism.judges(source.credentials(), certificate)) {
            return AuthAnswer.REFUSED;
        }
        return switch (source.credentials()) {
            case Certificates known -> known.check(session, certificate, authorization);
            case Exchanges _ -> relayed(source, Mechanism.EXTERNAL.text(), octets);
            case Accounts _, Passwords _, Tokens _ -> AuthAnswer.REFUSED;
        };
    }

    /// Who goes on with an exchange of SCRAM.
    sealed interface ScramPartner {
        /// We do, by a record, which leads to an identity unless it is made up.
        record Ours(ScramRecord record, AuthAnswer answer) implements ScramPartner {}

        /// A source does.
        record Theirs(Exchange exchange) implements ScramPartner {}

        /// Nobody does.
        record Nobody(AuthAnswer answer) implements ScramPartner {}
    }

    /// Looks for a record, or for a source that leads such exchanges itself.
    ScramPartner scram(ScramHash hash, boolean bound, String claimed) {
        name = SaslPrep.query(claimed).orElse(claimed);
        if (tooOften.test(name)) {
            return new ScramPartner.Nobody(TOO_OFTEN);
        }
        for (SaslSource source : sources.all()) {
            if (!bound && SaslSources.relays(source, hash.mechanism())) {
                return new ScramPartner.Theirs(relay(source, hash.mechanism()));
            }
            if (!(source.credentials() instanceof Accounts accounts)) {
                continue;
            }
            switch (within(source, () -> accounts.find(session, name))) {
                case Accounts.Lookup.Found(var account) when account.record(hash).isPresent() -> {
                    return new ScramPartner.Ours(
                            account.record(hash).get(), new Identified(account.identity()));
                }
                case Accounts.Lookup.Found _, Accounts.Lookup.Unknown _ -> {}
                case Accounts.Lookup.Unavailable(var reason) -> {
                    return new ScramPartner.Nobody(new Unavailable(reason));
                }
            }
        }
        return new ScramPartner.Ours(sources.pretended(hash, name), AuthAnswer.REFUSED);
    }

    /// Puts one message to a source that leads exchanges itself.
    private AuthAnswer relayed(SaslSource source, String mechanism, ByteBuffer message) {
        if (!SaslSources.relays(source, mechanism)
                || !(source.credentials() instanceof Exchanges exchanges)) {
            return AuthAnswer.REFUSED;
        }
        try (Exchange exchange = exchanges.begin(session, mechanism)) {
            return switch (exchange.start(Optional.of(message))) {
                case Exchange.Step.Ended(var answer, _) -> answer;
                case Exchange.Step.Challenge _ -> AuthAnswer.REFUSED;
            };
        }
    }

    private Exchange relay(SaslSource source, String mechanism) {
        Exchanges exchanges = (Exchanges) source.credentials();
        return new RelayedExchange(
                this, source, within(source, () -> exchanges.begin(session, mechanism)));
    }

    /// Calls a source, within its time.
    <T> T within(SaslSource source, Callable<T> call) {
        plugin = source.plugin();
        FutureTask<T> task = new FutureTask<>(call);
        try {
            if (!source.mayBlock()) {
                task.run();
                return task.get();
            }
            Thread.ofVirtual().name("posthorn-credentials").start(task);
            return task.get(source.timeout().toNanos(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException e) {
            throw new SourceFailedException(
                    source.plugin(), e.getCause() == null ? e : e.getCause());
        } catch (TimeoutException e) {
            task.cancel(true);
            throw new SourceFailedException(
                    source.plugin(),
                    new TimeoutException(
                            "no answer within " + source.timeout().toMillis() + " ms"));
        } catch (InterruptedException e) {
            task.cancel(true);
            Thread.currentThread().interrupt();
            throw new SourceFailedException(source.plugin(), e);
        }
    }
}
