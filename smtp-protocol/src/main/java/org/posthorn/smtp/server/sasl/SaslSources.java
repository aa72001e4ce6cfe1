package org.posthorn.smtp.server.sasl;

import org.posthorn.api.auth.Accounts;
import org.posthorn.api.auth.Exchanges;
import org.posthorn.api.auth.ScramHash;
import org.posthorn.api.auth.ScramRecord;
import org.posthorn.smtp.sasl.SaslText;
import org.posthorn.smtp.sasl.Scram;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.random.RandomGenerator;

import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// All sources of credentials in the order of the configuration. Safe for use by many threads, as
/// its randomness must be.
public final class SaslSources {
    private static final String MAC = "HmacSHA512";
    private static final int NONCE = 18;
    private static final int SALT = 16;

    private final List<SaslSource> sources;
    private final RandomGenerator random;
    private final byte[] secret = new byte[32];
    private final Semaphore hashing =
            new Semaphore(Math.max(1, Runtime.getRuntime().availableProcessors() / 2));

    /// Makes them.
    ///
    /// @param random gives nonces, and what is made up for names that nobody has: it must not be
    ///     predictable
    public SaslSources(List<SaslSource> sources, RandomGenerator random) {
        this.sources = List.copyOf(sources);
        this.random = random;
        random.nextBytes(secret);
    }

    /// Tells whether there is none at all.
    public boolean isEmpty() {
        return sources.isEmpty();
    }

    /// Tells whether any of them may wait for anything.
    public boolean mayBlock() {
        return sources.stream().anyMatch(SaslSource::mayBlock);
    }

    /// Returns how long all of them together may take to answer a question.
    public Duration patience() {
        return sources.stream().map(SaslSource::timeout).reduce(Duration.ZERO, Duration::plus);
    }

    /// Tells whether a mechanism can be served now, over a connection with this TLS.
    public boolean serve(String mechanism, SaslChannel channel) {
        return Mechanism.of(mechanism)
                .map(
                        ours ->
                                sources.stream()
                                        .anyMatch(it -> ours.isServedBy(it.credentials(), channel)))
                .orElseGet(() -> sources.stream().anyMatch(it -> relays(it, mechanism)));
    }

    static boolean relays(SaslSource source, String mechanism) {
        return source.credentials() instanceof Exchanges exchanges
                && exchanges.mechanisms().contains(mechanism);
    }

    List<SaslSource> all() {
        return sources;
    }

    String nonce() {
        byte[] octets = new byte[NONCE];
        random.nextBytes(octets);
        return SaslText.base64(octets);
    }

    /// Tells whether a password is the one of a record. That takes a processor for a while, so only
    /// some are given to it at once, and the others are left to those who know who they are. Who
    /// waits for too long is interrupted.
    boolean verifies(ScramRecord record, String password) throws InterruptedException {
        hashing.acquire();
        try {
            return Scram.verifies(record, password);
        } finally {
            hashing.release();
        }
    }

    /// Makes up a record for a name that nobody has: always the same, so that asking twice tells
    /// nothing, and with keys that no password leads to.
    ScramRecord pretended(ScramHash hash, String name) {
        byte[] octets = mac(hash.mechanism() + ' ' + name);
        int iterations =
                sources.stream()
                        .map(SaslSource::credentials)
                        .filter(Accounts.class::isInstance)
                        .mapToInt(it -> ((Accounts) it).iterations())
                        .findFirst()
                        .orElse(Accounts.LEAST_ITERATIONS);
        ByteBuffer key = ByteBuffer.wrap(Arrays.copyOfRange(octets, SALT, SALT + hash.length()));
        return new ScramRecord(hash, iterations, ByteBuffer.wrap(octets, 0, SALT), key, key);
    }

    private byte[] mac(String text) {
        try {
            Mac mac = Mac.getInstance(MAC);
            mac.init(new SecretKeySpec(secret, MAC));
            return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has HMAC", e);
        }
    }
}
