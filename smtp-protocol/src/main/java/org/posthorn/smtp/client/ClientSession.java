package org.posthorn.smtp.client;

import org.posthorn.api.mail.Content;
import org.posthorn.api.mail.Envelope;
import org.posthorn.api.smtp.Reply;
import org.posthorn.smtp.client.ClientException.Step;

import java.io.IOException;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

import javax.net.ssl.SSLPeerUnverifiedException;

/// A session with one server, greeted already: say [#hello], perhaps [#startTls] and [#hello]
/// again, perhaps [#logIn], then [#send] as often as you like, and [#quit].
///
/// For one thread at a time, which should be a virtual one: every call but [#quit] and [#close]
/// waits for the server, within the time-outs of [ClientTimeouts]. An interrupt breaks the session.
public final class ClientSession implements AutoCloseable {
    private final Wire wire;
    private final Protocol protocol;
    private final ClientTimeouts timeouts;
    private final ClientTls tls;
    private final RandomGenerator random;
    private Capabilities capabilities = Capabilities.NONE;
    private Optional<TlsFacts> secured = Optional.empty();
    private boolean stale;
    private boolean doubtful;
    private boolean left;

    ClientSession(
            Wire wire,
            Protocol protocol,
            ClientTimeouts timeouts,
            ClientTls tls,
            RandomGenerator random) {
        this.wire = wire;
        this.protocol = protocol;
        this.timeouts = timeouts;
        this.tls = tls;
        this.random = random;
    }

    /// Says `EHLO`, or `HELO` to a server that does not know it; `LHLO` in LMTP.
    ///
    /// @param name our own host name
    /// @return what the server offers, until the next hello
    /// @throws ClientException when the server does not want to talk
    /// @throws InterruptedException when the thread is interrupted while it waits
    public Capabilities hello(String name) throws ClientException, InterruptedException {
        Reply reply = ask(protocol.hello() + " " + name, Step.HELLO);
        if (reply.isPermanent() && protocol == Protocol.SMTP) {
            Reply older = ask("HELO " + name, Step.HELLO);
            capabilities = Capabilities.NONE;
            return greeted(older);
        }
        capabilities = Capabilities.of(reply);
        return greeted(reply);
    }

    private Capabilities greeted(Reply reply) throws ClientException {
        if (!reply.isSuccess()) {
            throw wire.faults().refused(Step.HELLO, reply);
        }
        return capabilities;
    }

    /// Returns what the server offers, until the next hello.
    public Capabilities capabilities() {
        return capabilities;
    }

    /// Returns what TLS came to, where the session is secured.
    public Optional<TlsFacts> tls() {
        return secured;
    }

    /// Begins TLS (RFC 3207), whatever the server's certificate, see [#tls]. Say [#hello] again
    /// when it has succeeded.
    ///
    /// @param serverName the server's host name, or its address in brackets: for its choice of a
    ///     certificate
    /// @return false when the server refused: then the session goes on without
    /// @throws ClientException when the handshake fails, or anything came in clear behind the
    ///     server's go-ahead: then the session is over
    /// @throws InterruptedException when the thread is interrupted while it waits
    public boolean startTls(String serverName) throws ClientException, InterruptedException {
        Reply reply = ask("STARTTLS", Step.TLS);
        if (!reply.isSuccess()) {
            return false;
        }
        wire.secure(tls.context(), serverName, timeouts.tls());
        capabilities = Capabilities.NONE;
        secured();
        return true;
    }

    /// Takes note of a handshake that succeeded.
    void secured() throws ClientException {
        try {
            secured = Optional.of(tls.facts(wire.tlsSession()));
        } catch (SSLPeerUnverifiedException e) {
            throw wire.faults().tls(e);
        }
    }

    /// Logs in (RFC 4954), by the best mechanism that both sides know. What is said in a session
    /// without TLS can be read, and by PLAIN and LOGIN, the password: whether that matters here is
    /// for the caller to know, see [#tls].
    ///
    /// @throws ClientException when the server lets us not in, or does not prove that it knows the
    ///     password where it has to (RFC 5802)
    /// @throws InterruptedException when the thread is interrupted while it waits
    public void logIn(Credentials credentials) throws ClientException, InterruptedException {
        String nonce = "%016x%016x".formatted(random.nextLong(), random.nextLong());
        SaslExchange exchange =
                SaslExchange.of(credentials, nonce).stream()
                        .filter(it -> capabilities.knows(it.name()))
                        .findFirst()
                        .orElseThrow(
                                () ->
                                        wire.faults()
                                                .stranger(
                                                        "4.7.4",
                                                        "offers no way to log in that we know"));
        new Authentication(wire, timeouts.mail()).run(exchange);
    }

    /// Says where the next message came from, as far as the server offers to listen (`XFORWARD`).
    /// It then holds for one [#send].
    ///
    /// @return what the server said to refuse it, which is no reason not to send
    /// @throws ClientException when the session breaks
    /// @throws InterruptedException when the thread is interrupted while it waits
    public Optional<Reply> forward(Origin origin) throws ClientException, InterruptedException {
        List<String> commands =
                origin.commands(capabilities.keywords().getOrDefault("XFORWARD", ""));
        if (stale && !commands.isEmpty()) {
            reset();
        }
        for (String command : commands) {
            Reply reply = ask(command, Step.FORWARD);
            if (!reply.isSuccess()) {
                return Optional.of(reply);
            }
        }
        return Optional.empty();
    }

    /// Sends one message whose line ends are all CRLF, or refuses it; otherwise as the other one.
    ///
    /// @throws InterruptedException when the thread is interrupted while it waits
    public Receipt send(Envelope envelope, Content content) throws InterruptedException {
        return send(envelope, content, BareLineEnds.REJECT);
    }

    /// Sends one message, in one transaction. What it needs and the server lacks is told, not sent.
    ///
    /// @param envelope for whom; its recipients are all in one transaction, so bound them. Its
    ///     parameters go on where the server offers to understand them, `BY` as it stands
    /// @param content streamed, never whole in memory
    /// @param lineEnds what becomes of content with bare line ends
    /// @return an answer per recipient. After [Receipt#broken] the session can only be closed
    /// @throws InterruptedException when the thread is interrupted while it waits: then the server
    ///     may or may not have taken the message
    public Receipt send(Envelope envelope, Content content, BareLineEnds lineEnds)
            throws InterruptedException {
        try {
            return switch (Fitting.of(envelope, content, protocol, capabilities)) {
                case Fitting.Unfit(Reply reply) -> all(envelope, new Answer.Unfit(reply));
                case Fitting.Commands commands -> transact(commands, content, lineEnds);
            };
        } catch (ClientException e) {
            return broken(envelope, e);
        } catch (IOException e) {
            return broken(envelope, wire.faults().unreadable(e));
        }
    }

    private Receipt transact(Fitting.Commands commands, Content content, BareLineEnds lineEnds)
            throws ClientException, InterruptedException {
        if (stale) {
            reset();
        }
        var manner =
                Transaction.Manner.of(protocol, capabilities, lineEnds, commands.body(), !doubtful);
        doubtful = false;
        var transaction = new Transaction(wire, timeouts, manner, commands, content);
        Receipt receipt = transaction.run();
        stale = transaction.isOpen();
        return receipt;
    }

    private static Receipt all(Envelope envelope, Answer answer) {
        return new Receipt(
                Collections.nCopies(envelope.recipients().size(), answer), Optional.empty());
    }

    private static Receipt broken(Envelope envelope, ClientException why) {
        List<Answer> answers =
                Collections.nCopies(envelope.recipients().size(), new Answer.Nothing());
        return new Receipt(answers, Optional.of(why));
    }

    /// Drops a transaction that did not end; [#send] does so by itself where it must.
    ///
    /// @throws ClientException when the server cannot even do that
    /// @throws InterruptedException when the thread is interrupted while it waits
    public void reset() throws ClientException, InterruptedException {
        Reply reply = ask("RSET", Step.RSET);
        if (!reply.isSuccess()) {
            throw wire.faults().refused(Step.RSET, reply);
        }
        stale = false;
    }

    /// Tells whether nothing has been heard of an end of the session yet. Safe from any thread.
    public boolean isOpen() {
        return !left && wire.isOpen();
    }

    /// Says that the server may have left meanwhile, because it was not talked to for a while, or
    /// never had a second message in a session. The next [#send] then holds back the content until
    /// the server has answered, so that a session that is over cannot be taken for one that broke
    /// behind the content.
    public void doubt() {
        doubtful = true;
    }

    /// Has something done once the connection is closed, whoever closes it: on an event loop, so
    /// it must not block.
    public void whenClosed(Runnable task) {
        wire.whenClosed(task);
    }

    /// Says `QUIT`. Does not wait for the answer; the connection closes by itself.
    public void quit() {
        left = true;
        wire.quit();
    }

    /// Closes the connection at once, unless [#quit] was said.
    @Override
    public void close() {
        if (!left) {
            wire.close();
        }
    }

    private Reply ask(String line, Step step) throws ClientException, InterruptedException {
        wire.say(List.of(line));
        Reply reply =
                wire.next(
                        step,
                        switch (step) {
                            case HELLO -> timeouts.hello();
                            case TLS -> timeouts.tls();
                            default -> timeouts.mail();
                        });
        if (reply.code() == 421) {
            throw wire.faults().closing(step, reply);
        }
        return reply;
    }
}
