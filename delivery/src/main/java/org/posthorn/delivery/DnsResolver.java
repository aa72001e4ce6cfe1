package org.posthorn.delivery;

import org.posthorn.api.dns.DnsAnswer;
import org.posthorn.api.dns.DnsRecord;
import org.posthorn.api.dns.RecordType;
import org.posthorn.api.dns.Resolver;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.ResolverConfig;
import org.xbill.DNS.SimpleResolver;
import org.xbill.DNS.TextParseException;
import org.xbill.DNS.dnssec.ValidatingResolver;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;

/// Asks the name servers of the configuration, or the system's, over UDP and, where an answer is
/// too long for that, TCP. Keeps answers, also those that say no, as long as their time to live
/// allows.
///
/// It relies on recursive servers. DNSSEC is validated by those that are trusted for it, or here,
/// on what they say (RFC 4035): then what is bogus is a failure. Safe for use by many threads.
public final class DnsResolver implements Resolver {
    private static final int ROUNDS = 2;
    private static final int MAX_ALIASES = 8;

    /// The root zone's keys (https://data.iana.org/root-anchors/root-anchors.xml).
    private static final String ROOT =
            """
            . IN DS 20326 8 2 E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D
            . IN DS 38696 8 2 683D2D0ACB8C9B712A1948B27F741219298D0A450D612C483AF444A4C0FB2B16
            """;

    private record Server(String name, org.xbill.DNS.Resolver resolver, boolean trusted) {}

    static {
        // Delivery asks until it has drained, which is later than its hook would let it.
        System.setProperty("dnsjava.nio.register_shutdown_hook", "false");
    }

    private final List<Server> servers;
    private final AnswerCache cache;

    /// Makes a resolver.
    ///
    /// @param config the `dns` block
    /// @param clock for the cache
    /// @throws IOException when the file with trust anchors cannot be used; the message names it
    public DnsResolver(DnsConfig config, InstantSource clock) throws IOException {
        List<InetSocketAddress> addresses =
                config.servers().isEmpty()
                        ? ResolverConfig.getCurrentConfig().servers()
                        : config.servers().stream().map(s -> HostPort.address(s, 53)).toList();
        byte[] anchors = anchors(config);
        List<Server> all = new ArrayList<>();
        for (InetSocketAddress address : addresses) {
            all.add(server(address, config, anchors));
        }
        this.servers = List.copyOf(all);
        this.cache = new AnswerCache(config.cacheSize(), clock);
    }

    private static byte[] anchors(DnsConfig config) throws IOException {
        return config.trustAnchors().isPresent()
                ? Files.readAllBytes(config.trustAnchors().get())
                : ROOT.getBytes(StandardCharsets.US_ASCII);
    }

    private static Server server(InetSocketAddress address, DnsConfig config, byte[] anchors)
            throws IOException {
        var simple = new SimpleResolver(address);
        simple.setTimeout(config.timeout());
        String name = address.getAddress().getHostAddress() + ":" + address.getPort();
        boolean trusted = config.trusts(address.getAddress());
        if (config.dnssec() == DnsConfig.Dnssec.TRUST) {
            return new Server(name, simple, trusted);
        }
        var validating = new ValidatingResolver(simple);
        try {
            validating.loadTrustAnchors(new ByteArrayInputStream(anchors));
        } catch (IOException | IllegalArgumentException e) {
            String file = config.trustAnchors().map(Path::toString).orElse("the built-in keys");
            throw new IOException(file + ": no DS or DNSKEY records as in a zone file", e);
        }
        return new Server(name, validating, trusted);
    }

    @Override
    public DnsAnswer lookup(String name, RecordType type) throws InterruptedException {
        try {
            Name absolute = Name.fromString(name, Name.root);
            var question = new AnswerCache.Question(absolute, type);
            Optional<DnsAnswer> known = cache.find(question);
            return known.isPresent() ? known.get() : resolve(question);
        } catch (TextParseException e) {
            return new DnsAnswer.NoSuchName();
        }
    }

    @Override
    public boolean vouches() {
        return servers.stream().anyMatch(Server::trusted);
    }

    /// Asks, and asks again where an alias leads out of the answer.
    private DnsAnswer resolve(AnswerCache.Question question) throws InterruptedException {
        Name name = question.name();
        Duration timeToLive = DnsReading.LONGEST;
        boolean authentic = true;
        for (int aliases = 0; aliases <= MAX_ALIASES; aliases++) {
            DnsReading answer = ask(name, question.type());
            timeToLive = DnsReading.shorter(timeToLive, answer.timeToLive());
            switch (answer) {
                case DnsReading.Final(DnsAnswer says, _) -> {
                    DnsAnswer whole = authentic ? says : doubted(says);
                    cache.keep(question, whole, timeToLive);
                    return whole;
                }
                case DnsReading.Alias(Name target, _, boolean vouched) -> {
                    name = target;
                    authentic &= vouched;
                }
            }
        }
        return new DnsAnswer.Failed("more than " + MAX_ALIASES + " aliases");
    }

    /// An answer is as good as the alias that led to it.
    private static DnsAnswer doubted(DnsAnswer says) {
        return says instanceof DnsAnswer.Found(String name, List<DnsRecord> records, _)
                ? new DnsAnswer.Found(name, records, false)
                : says;
    }

    /// Asks each server in turn, twice, until one knows.
    private DnsReading ask(Name name, RecordType type) throws InterruptedException {
        Message query = Message.newQuery(Record.newRecord(name, DnsReading.code(type), DClass.IN));
        query.getHeader().setFlag(Flags.AD);
        String reason = "no name server is configured";
        for (int round = 0; round < ROUNDS; round++) {
            for (Server server : servers) {
                try {
                    Message message = server.resolver.sendAsync(query).toCompletableFuture().get();
                    int code = message.getRcode();
                    if (code == Rcode.NOERROR || code == Rcode.NXDOMAIN) {
                        return DnsReading.read(message, name, type, server.trusted);
                    }
                    reason = Rcode.string(code) + " from " + server.name;
                } catch (ExecutionException e) {
                    reason = "no answer from " + server.name;
                }
            }
        }
        return DnsReading.failed(reason);
    }
}
