package org.posthorn.server.assembly;

import org.posthorn.api.dns.Resolver;
import org.posthorn.api.mail.Domain;
import org.posthorn.delivery.DnsResolver;
import org.posthorn.delivery.HttpsPolicyHost;
import org.posthorn.delivery.LocalHost;
import org.posthorn.delivery.OutgoingTls;
import org.posthorn.delivery.PolicyHost;
import org.posthorn.delivery.RetrySchedule;
import org.posthorn.delivery.Routes;
import org.posthorn.delivery.TlsCheck;
import org.posthorn.delivery.TlsReport;
import org.posthorn.smtp.EventLoops;
import org.posthorn.smtp.client.ClientTls;
import org.posthorn.smtp.client.SmtpClient;
import org.posthorn.smtp.server.ListenerConfig;

import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.InstantSource;
import java.util.Optional;
import java.util.random.RandomGenerator;

/// What sending is made of, in the server as in a command that does without.
public final class Outgoing {
    private Outgoing() {}

    /// Finds out how mail for a domain would be secured, and talks to its servers to prove it, as
    /// [TlsCheck] does, without a server of ours.
    ///
    /// @throws IOException when a file cannot be used that the configuration names
    /// @throws InterruptedException when the thread is interrupted while it waits
    public static TlsReport check(Configuration configuration, Domain domain)
            throws IOException, InterruptedException {
        PosthornConfig config = configuration.settings();
        InstantSource clock = Clock.systemUTC();
        RandomGenerator random = new SecureRandom();
        Resolver dns = new DnsResolver(config.dns(), clock);
        ClientTls trusted = authorities(config);
        PolicyHost host = policyHost(config, dns, trusted);
        try (EventLoops loops = EventLoops.start(1);
                OutgoingTls tls =
                        OutgoingTls.look(
                                config.outgoingTls(), directory(config), dns, host, clock)) {
            var client = new SmtpClient(loops, config.delivery().timeouts(), trusted, random);
            var routes =
                    Routes.of(
                            config.routes(),
                            configuration.home(),
                            RetrySchedule.of(config.queue()));
            var surroundings = new TlsCheck.Surroundings(us(config), dns, client, tls, clock);
            return new TlsCheck(config.delivery(), routes, surroundings, random).check(domain);
        }
    }

    /// Who we are to other servers.
    static LocalHost us(PosthornConfig config) {
        return new LocalHost(
                config.hostname().ascii(),
                config.listeners().values().stream().map(ListenerConfig::socketAddress).toList());
    }

    static ClientTls authorities(PosthornConfig config) throws IOException {
        Optional<Path> file = config.delivery().trustedCertificates();
        return file.isPresent() ? ClientTls.trusting(file.get()) : ClientTls.standard();
    }

    /// Where is kept what is known of other domains' TLS.
    static Path directory(PosthornConfig config) {
        return config.dataDirectory().resolve("outgoing-tls");
    }

    static PolicyHost policyHost(PosthornConfig config, Resolver dns, ClientTls trusted) {
        return new HttpsPolicyHost(dns, trusted.authorities(), config.outgoingTls().mtaStsPort());
    }
}
