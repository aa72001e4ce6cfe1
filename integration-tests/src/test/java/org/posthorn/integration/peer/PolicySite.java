package org.posthorn.integration.peer;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;

import org.posthorn.integration.harness.Finished;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/// A web site on 127.0.0.1 that publishes MTA-STS policies, by the JDK's HTTPS server.
public final class PolicySite implements AutoCloseable {
    private static final String PATH = "/.well-known/mta-sts.txt";
    private static final String PASSWORD = "changeit";

    private final HttpsServer server;
    private final Map<String, String> policies = new ConcurrentHashMap<>();

    private PolicySite(HttpsServer server) {
        this.server = server;
    }

    /// Starts it on a free port.
    public static PolicySite start(Certificate certificate, Path directory)
            throws IOException, GeneralSecurityException {
        HttpsServer server =
                HttpsServer.create(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(context(certificate, directory)));
        var site = new PolicySite(server);
        server.createContext(
                "/",
                exchange -> {
                    String host = exchange.getRequestHeaders().getFirst("Host");
                    String policy = site.policies.get(String.valueOf(host));
                    boolean found =
                            policy != null && exchange.getRequestURI().getPath().equals(PATH);
                    byte[] octets = (found ? policy : "").getBytes(StandardCharsets.UTF_8);
                    exchange.getResponseHeaders().set("Content-Type", "text/plain");
                    exchange.sendResponseHeaders(found ? 200 : 404, found ? octets.length : -1);
                    exchange.getResponseBody().write(octets);
                    exchange.close();
                });
        server.start();
        return site;
    }

    private static SSLContext context(Certificate certificate, Path directory)
            throws IOException, GeneralSecurityException {
        Path store = directory.resolve("policies.p12");
        Finished.run(
                        List.of(
                                Peer.OPENSSL.path(),
                                "pkcs12",
                                "-export",
                                "-in",
                                certificate.certificate().toString(),
                                "-inkey",
                                certificate.key().toString(),
                                "-out",
                                store.toString(),
                                "-passout",
                                "pass:" + PASSWORD))
                .succeeded();
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            keys.load(in, PASSWORD.toCharArray());
        }
        var factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(keys, PASSWORD.toCharArray());
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(factory.getKeyManagers(), null, null);
        return context;
    }

    /// Publishes the policy of a domain, which is at `mta-sts.DOMAIN`.
    public void publish(String domain, String mode, String exchanger, int seconds) {
        policies.put(
                "mta-sts." + domain,
                "version: STSv1\r\nmode: %s\r\nmx: %s\r\nmax_age: %d\r\n"
                        .formatted(mode, exchanger, seconds));
    }

    /// Publishes nothing for a domain any more.
    public void withdraw(String domain) {
        policies.remove("mta-sts." + domain);
    }

    /// Returns its port.
    public int port() {
        return server.getAddress().getPort();
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
