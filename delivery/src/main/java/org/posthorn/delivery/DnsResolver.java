package org.posthorn.delivery;

import org.posthorn.api.dns.DnsAnswer;
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

import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;

/// Asks the name servers of the configuration, or the system's, over UDP and, where an answer is
/// too long for that, TCP. Keeps answers, also those that say no, as long as their time to live
/// allows.
///
/// It relies on recursive servers and validates no DNSSEC by itself. Safe for use by many threads.
public final class DnsResolver implements Resolver {
    private static final int ROUNDS = 2;
    private static final int MAX_ALIASES = 8;

    private record Server(String name, SimpleResolver resolver) {}

    private final List<Server> servers;
    private final AnswerCache cache;

    /// Makes a resolver.
    ///
    /// @param config the `dns` block
    /// @param clock for the cache
    public DnsResolver(DnsConfig config, InstantSource clock) {
        List<InetSocketAddress> addresses =
                config.servers().isEmpty()
                        ? ResolverConfig.getCurrentConfig().servers()
                        : config.servers().stream().map(s -> HostPort.address(s, 53)).toList();
        this.servers = addresses.stream().map(a -> server(a, config.timeout())).toList();
        this.cache = new AnswerCache(config.cacheSize(), clock);
    }

    private static Server server(InetSocketAddress address, Duration timeout) {
        var resolver = new SimpleResolver(address);
        resolver.setTimeout(timeout);
        String host = address.getAddress().getHostAddress();
        return new Server(host + ":" + address.getPort(), resolver);
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

    /// Asks, and asks again where an alias leads out of the answer.
    private DnsAnswer resolve(AnswerCache.Question question) throws InterruptedException {
        Name name = question.name();
        Duration timeToLive = DnsReading.LONGEST;
        for (int aliases = 0; aliases <= MAX_ALIASES; aliases++) {
            DnsReading answer = ask(name, question.type());
            timeToLive = DnsReading.shorter(timeToLive, answer.timeToLive());
            switch (answer) {
                case DnsReading.Final(DnsAnswer says, _) -> {
                    cache.keep(question, says, timeToLive);
                    return says;
                }
                case DnsReading.Alias(Name target, _) -> name = target;
            }
        }
        return new DnsAnswer.Failed("more than " + MAX_ALIASES + " aliases");
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
                        return DnsReading.read(message, name, type);
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
