package org.posthorn.delivery;

import org.posthorn.api.dns.DnsAnswer;
import org.posthorn.api.dns.DnsRecord;
import org.posthorn.api.dns.RecordType;
import org.posthorn.api.dns.Resolver;

import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;

/// Fetches policies by HTTPS from `mta-sts.domain` (RFC 8461 §3.3). Safe for use by many threads.
///
/// Whose host that is, a stranger decides, and he may name any address, in our own network as well.
/// He gets nothing for it: the port and the path are fixed, no redirection is followed, and nothing
/// is said but a TLS greeting unless the other side has a trusted certificate for the name. What
/// comes is bounded in size and in time, and so is how many are asked at once. One address of each
/// family is tried.
public final class HttpsPolicyHost implements PolicyHost {
    private static final Duration CONNECT = Duration.ofSeconds(10);
    private static final Duration WHOLE = Duration.ofSeconds(30);
    private static final int MOST = 64 * 1024;
    private static final int AT_ONCE = 32;
    private static final Duration TURN = Duration.ofSeconds(3);

    static {
        // The host's address comes from our own DNS, so its name must be said apart.
        System.setProperty("jdk.httpclient.allowRestrictedHeaders", "host");
    }

    private final Resolver dns;
    private final X509TrustManager authorities;
    private final int port;
    private final Duration whole;
    private final Duration turn;
    private final Semaphore turns;

    /// Makes one.
    ///
    /// @param dns for the addresses of policy hosts
    /// @param authorities decides whom to trust
    /// @param port where policies are: 443
    public HttpsPolicyHost(Resolver dns, X509TrustManager authorities, int port) {
        this(dns, authorities, port, WHOLE, AT_ONCE, TURN);
    }

    /// @param whole how long one fetch takes at the most
    /// @param atOnce how many there are at once
    /// @param turn how long one waits until there are fewer
    HttpsPolicyHost(
            Resolver dns,
            X509TrustManager authorities,
            int port,
            Duration whole,
            int atOnce,
            Duration turn) {
        this.dns = dns;
        this.authorities = authorities;
        this.port = port;
        this.whole = whole;
        this.turn = turn;
        this.turns = new Semaphore(atOnce);
    }

    @Override
    public String fetch(String domain) throws IOException, InterruptedException {
        String host = "mta-sts." + domain;
        List<InetAddress> addresses = addresses(host);
        if (!turns.tryAcquire(turn.toMillis(), TimeUnit.MILLISECONDS)) {
            throw new IOException(host + ": too many other policies are being fetched");
        }
        try {
            return fetch(host, addresses);
        } finally {
            turns.release();
        }
    }

    private String fetch(String host, List<InetAddress> addresses)
            throws IOException, InterruptedException {
        long end = System.nanoTime() + whole.toNanos();
        IOException failure = new IOException(host + " has no address");
        for (InetAddress address : addresses) {
            try {
                return fetch(host, address, end);
            } catch (UnusablePolicyException e) {
                throw e;
            } catch (IOException e) {
                failure = new IOException(host + ": " + reason(e), e);
            }
        }
        throw failure;
    }

    /// There is an answer, and another address has no other.
    private static final class UnusablePolicyException extends IOException {
        private static final long serialVersionUID = 1L;

        UnusablePolicyException(String host, String why) {
            super(host + ": " + why);
        }
    }

    private static String reason(Throwable failure) {
        Throwable inner = failure;
        while (inner.getCause() != null) {
            inner = inner.getCause();
        }
        return inner.getMessage() == null ? inner.getClass().getSimpleName() : inner.getMessage();
    }

    private List<InetAddress> addresses(String host) throws IOException, InterruptedException {
        List<InetAddress> addresses = new ArrayList<>();
        for (RecordType type : List.of(RecordType.A, RecordType.AAAA)) {
            switch (dns.lookup(host, type)) {
                case DnsAnswer.Found(_, List<DnsRecord> records, _) ->
                        records.stream()
                                .filter(DnsRecord.Address.class::isInstance)
                                .limit(1)
                                .forEach(it -> addresses.add(((DnsRecord.Address) it).address()));
                case DnsAnswer.Failed(String reason) when addresses.isEmpty() ->
                        throw new IOException(
                                "the DNS does not answer about " + host + ": " + reason);
                case DnsAnswer.Failed _, DnsAnswer.NoRecords _, DnsAnswer.NoSuchName _ -> {}
            }
        }
        return addresses;
    }

    private String fetch(String host, InetAddress address, long end)
            throws IOException, InterruptedException {
        String literal = address.getHostAddress().replaceFirst("%.*", "");
        String at = literal.contains(":") ? "[" + literal + "]" : literal;
        HttpRequest request =
                HttpRequest.newBuilder(
                                URI.create(
                                        "https://" + at + ":" + port + "/.well-known/mta-sts.txt"))
                        .header("Host", host)
                        .header("Accept", "text/plain")
                        .build();
        try (HttpClient client = client(host)) {
            try {
                return read(
                        host,
                        client.sendAsync(
                                        request,
                                        BodyHandlers.limiting(BodyHandlers.ofByteArray(), MOST))
                                .get(end - System.nanoTime(), TimeUnit.NANOSECONDS));
            } catch (ExecutionException e) {
                throw new IOException(reason(e), e);
            } catch (TimeoutException _) {
                throw new IOException("it takes longer than " + whole.toSeconds() + " s");
            } finally {
                client.shutdownNow();
            }
        }
    }

    private static String read(String host, HttpResponse<byte[]> response)
            throws UnusablePolicyException {
        if (response.statusCode() != 200) {
            throw new UnusablePolicyException(host, "it answers " + response.statusCode());
        }
        if (!isText(response.headers())) {
            throw new UnusablePolicyException(host, "what it sends is not text/plain");
        }
        return new String(response.body(), StandardCharsets.UTF_8);
    }

    private static boolean isText(HttpHeaders headers) {
        String type = headers.firstValue("Content-Type").orElse("").toLowerCase(Locale.ROOT);
        return type.split(";", 2)[0].strip().equals("text/plain");
    }

    private HttpClient client(String host) throws IOException {
        SSLParameters named = new SSLParameters();
        named.setServerNames(List.of(new SNIHostName(host)));
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, new TrustManager[] {new OneHostTrust(authorities, host)}, null);
            return HttpClient.newBuilder()
                    .version(HttpClient.Version.HTTP_1_1)
                    .followRedirects(HttpClient.Redirect.NEVER)
                    .connectTimeout(CONNECT)
                    .sslContext(context)
                    .sslParameters(named)
                    .build();
        } catch (GeneralSecurityException e) {
            throw new IOException("this Java runtime has no TLS", e);
        } catch (IllegalArgumentException e) {
            throw new IOException(host + " is no host name", e);
        }
    }
}
