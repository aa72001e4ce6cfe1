package org.posthorn.smtp.server;

import org.jspecify.annotations.Nullable;
import org.posthorn.api.auth.Identity;
import org.posthorn.api.auth.SenderPattern;
import org.posthorn.api.plugin.Session;
import org.posthorn.smtp.server.ClientAttributes.Name;
import org.posthorn.smtp.server.sasl.SaslChannel;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntSupplier;

/// The facts of one connection, which grow while it lasts. Written on the session's event loop;
/// plugins see what was written before they were called.
final class LiveSession implements Session {
    private final String id;
    private final String listener;
    private final InetSocketAddress peer;
    private final Instant since;
    private @Nullable String helo;
    private boolean extended;
    private @Nullable Tls tls;
    private InetSocketAddress client;
    private InetSocketAddress local;
    private @Nullable Proxy proxy;
    private boolean spokenFor;
    private @Nullable String clientName;
    private @Nullable Map<String, String> forwarded;
    private int misplaced;
    private int errors;
    private int unknown;
    private int transactions;
    private int messages;
    private boolean gone;
    private boolean early;
    private SaslChannel channel = SaslChannel.NONE;
    private @Nullable Authentication authentication;
    private int authFailures;
    private IntSupplier networkFailures = () -> 0;

    LiveSession(
            String id,
            String listener,
            InetSocketAddress client,
            InetSocketAddress local,
            Instant since) {
        this.id = id;
        this.listener = listener;
        this.peer = client;
        this.client = client;
        this.local = local;
        this.since = since;
    }

    void hello(String name, boolean extended) {
        this.helo = name;
        this.extended = extended;
    }

    /// Begins TLS, which makes all that was said before worthless (RFC 3207 §4.2).
    void secured(Tls facts) {
        tls = spokenFor ? withoutCertificate(facts) : facts;
        forwarded = null;
        bindings(Map.of());
        authentication = null;
        helo = null;
        extended = false;
    }

    /// Notes what an exchange of SASL can be bound by to the TLS in use.
    void bindings(Map<String, byte[]> bindings) {
        channel = new SaslChannel(tls().flatMap(Tls::clientCertificate), bindings);
    }

    /// Returns what TLS gives to authentication.
    SaslChannel channel() {
        return channel;
    }

    /// Notes who the client is.
    void authenticated(Authentication facts) {
        authentication = facts;
    }

    /// Counts a failure to say who it is, and returns how many there were.
    int authFailed() {
        return ++authFailures;
    }

    /// Notes that the client did not wait for its greeting.
    void talkEarly() {
        early = true;
    }

    @Override
    public boolean talkedEarly() {
        return early;
    }

    /// Returns who is connected, whomever it speaks for.
    InetSocketAddress peer() {
        return peer;
    }

    /// Returns the client that a peer speaks for. Its address is never the peer's own: it is
    /// unknown where the peer does not know it, or has not said it in this session.
    InetSocketAddress spokenFor(ClientAttributes other) {
        boolean named = !spokenFor || other.values().containsKey(Name.ADDR);
        return named
                ? new InetSocketAddress(
                        other.address(Name.ADDR).orElse(ClientAttributes.NOBODY),
                        other.port(Name.PORT).orElse(0))
                : merged(client, Optional.empty(), other.port(Name.PORT));
    }

    /// Takes the place of another client; what it said before, and who the peer has shown to be by
    /// TLS, is forgotten (XCLIENT).
    void become(ClientAttributes other) {
        client = spokenFor(other);
        spokenFor = true;
        local = merged(local, other.address(Name.DESTADDR), other.port(Name.DESTPORT));
        tls = tls == null ? null : withoutCertificate(tls);
        channel = new SaslChannel(Optional.empty(), channel.bindings());
        proxy = proxy == null ? null : withoutCertificate(proxy);
        misplaced = 0;
        authFailures = 0;
        clientName = other.values().getOrDefault(Name.NAME, "");
        helo = other.text(Name.HELO).orElse(null);
        extended = other.text(Name.PROTO).filter("ESMTP"::equalsIgnoreCase).isPresent();
        authentication =
                other.text(Name.LOGIN)
                        .map(
                                it ->
                                        new Authentication(
                                                new Identity(it, List.of(SenderPattern.parse("*"))),
                                                "XCLIENT",
                                                ""))
                        .orElse(null);
        early = false;
        forwarded = null;
    }

    private static Tls withoutCertificate(Tls facts) {
        return new Tls(facts.protocol(), facts.cipher(), facts.serverName(), Optional.empty());
    }

    private static Proxy withoutCertificate(Proxy facts) {
        return new Proxy(
                facts.address(),
                facts.authority(),
                facts.tls().map(it -> new Proxied(it.protocol(), it.cipher(), "", false)));
    }

    private static InetSocketAddress merged(
            InetSocketAddress former, Optional<InetAddress> address, Optional<Integer> port) {
        return new InetSocketAddress(
                address.orElseGet(former::getAddress), port.orElseGet(former::getPort));
    }

    /// Keeps what a peer says of the next message's origin (XFORWARD).
    void forward(ClientAttributes origin) {
        Map<String, String> all = new HashMap<>(forwarded());
        origin.values().forEach((name, value) -> all.put(name.name(), value));
        forwarded = Map.copyOf(all);
    }

    /// Ends what was said of a message's origin, together with the transaction.
    void forget() {
        forwarded = null;
    }

    @Override
    public Optional<String> clientName() {
        return Optional.ofNullable(clientName).filter(name -> !name.isEmpty());
    }

    @Override
    public Map<String, String> forwarded() {
        return forwarded == null ? Map.of() : forwarded;
    }

    /// Notes the proxy that the client came through.
    void through(Proxy proxy) {
        this.proxy = proxy;
    }

    @Override
    public Optional<Proxy> proxy() {
        return Optional.ofNullable(proxy);
    }

    /// Counts a 5xx reply, and returns how many there were since the last accepted message.
    int failed() {
        return ++errors;
    }

    /// Counts an unknown command, and returns how many there were since the last accepted message.
    int puzzled() {
        return ++unknown;
    }

    /// Counts a command that came at the wrong time.
    void misplaced() {
        misplaced++;
    }

    /// Counts a content that was read to its end, and returns its number.
    int received() {
        return ++transactions;
    }

    /// Counts an accepted message, which forgives all errors before it.
    void accepted() {
        messages++;
        errors = 0;
        unknown = 0;
    }

    /// Returns how many messages were accepted.
    int messages() {
        return messages;
    }

    /// Notes that the client is not there any more.
    void leave() {
        gone = true;
    }

    /// Tells whether nobody is left to answer to.
    boolean gone() {
        return gone;
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public InetSocketAddress client() {
        return client;
    }

    @Override
    public InetSocketAddress local() {
        return local;
    }

    @Override
    public String listener() {
        return listener;
    }

    @Override
    public Instant since() {
        return since;
    }

    @Override
    public Optional<String> helo() {
        return Optional.ofNullable(helo);
    }

    @Override
    public boolean extended() {
        return extended;
    }

    /// Says where failures to authenticate are counted for the client's network.
    void counting(IntSupplier failures) {
        networkFailures = failures;
    }

    @Override
    public Optional<Authentication> authentication() {
        return Optional.ofNullable(authentication);
    }

    @Override
    public FailedAuthentications failedAuthentications() {
        return new FailedAuthentications(authFailures, networkFailures.getAsInt());
    }

    @Override
    public int misplacedCommands() {
        return misplaced;
    }

    @Override
    public Optional<Tls> tls() {
        return Optional.ofNullable(tls);
    }
}
