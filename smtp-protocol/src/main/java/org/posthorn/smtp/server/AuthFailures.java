package org.posthorn.smtp.server;

import org.posthorn.smtp.rate.ClientPrefixes;
import org.posthorn.smtp.rate.RateCounter;

import java.net.InetAddress;
import java.time.InstantSource;
import java.util.Locale;
import java.util.random.RandomGenerator;

/// How often authentication has failed, by network and by account, in memory that does not grow.
/// Safe for use by many threads.
final class AuthFailures {
    private static final int PLACES = 16_384;

    private final AuthConfig config;
    private final ClientRates rates;
    private final ClientPrefixes prefixes;
    private final RateCounter networks;
    private final RateCounter accounts;

    AuthFailures(
            AuthConfig config, ClientRates rates, InstantSource clock, RandomGenerator random) {
        this.config = config;
        this.rates = rates;
        this.prefixes = new ClientPrefixes(config.ipv4Prefix(), config.ipv6Prefix());
        this.networks = new RateCounter(PLACES, config.window(), clock, random);
        this.accounts = new RateCounter(PLACES, config.window(), clock, random);
    }

    /// Counts one.
    ///
    /// @param name the account, or empty text where none was named
    /// @return how many there were from this network
    int add(InetAddress client, String name) {
        if (!name.isEmpty()) {
            accounts.add(key(name));
        }
        rates.authFailed(client);
        return networks.add(prefixes.of(client));
    }

    /// Returns how many there were from a client's network.
    int from(InetAddress client) {
        return networks.count(prefixes.of(client));
    }

    boolean tooManyFrom(InetAddress client) {
        return from(client) >= config.maxFailuresPerNetwork() || rates.mayNotAuthenticate(client);
    }

    boolean tooManyFor(String name) {
        return !name.isEmpty() && accounts.count(key(name)) >= config.maxFailuresPerAccount();
    }

    private long key(String name) {
        return accounts.key(name.toLowerCase(Locale.ROOT));
    }
}
