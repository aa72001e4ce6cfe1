package org.posthorn.smtp.tls;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiPredicate;
import java.util.stream.IntStream;

/// Our certificates and keys, for listeners: TLS 1.2 and 1.3 by BoringSSL where its library is
/// there and nothing speaks against it, by the JDK elsewhere. Safe for use by many threads.
public final class ServerTls {
    private final List<CertificateFiles> files;
    private final List<ClientPolicy> policies;
    private volatile Reading reading;

    /// What all files hold at one time.
    private record Held(List<Identity> identities, List<ClientTrust> trusts) {
        boolean isSame(Held other) {
            return pairwise(identities, other.identities, Identity::isSame)
                    && pairwise(trusts, other.trusts, ClientTrust::isSame);
        }

        private static <T> boolean pairwise(List<T> these, List<T> those, BiPredicate<T, T> same) {
            return IntStream.range(0, these.size())
                    .allMatch(i -> same.test(these.get(i), those.get(i)));
        }
    }

    /// What is made of it.
    private record Reading(Held held, Map<ClientPolicy, Handshakes> handshakes) {
        Handshakes of(ClientPolicy policy) {
            Handshakes found = handshakes.get(policy);
            if (found == null) {
                throw new IllegalArgumentException("nothing was read for " + policy);
            }
            return found;
        }
    }

    private ServerTls(List<CertificateFiles> files, Set<ClientPolicy> policies) throws IOException {
        this.files = List.copyOf(files);
        this.policies = List.copyOf(policies);
        this.reading = ready(held());
    }

    /// Reads certificates and their keys.
    ///
    /// @param files at least one: the first is also for clients that ask for no name, or for one
    ///     that none of them is for
    /// @param policies what listeners want to know of clients
    /// @throws IOException when a file cannot be read or does not hold what it should; the message
    ///     names it and is meant for an operator
    public static ServerTls load(List<CertificateFiles> files, Set<ClientPolicy> policies)
            throws IOException {
        return new ServerTls(files, policies);
    }

    /// Reads one certificate and its key, for listeners that ask no client for one.
    ///
    /// @param certificate PEM: the certificate and, behind it, those that lead to its root
    /// @param key PEM: the private key in PKCS #8, not encrypted
    /// @throws IOException as above
    public static ServerTls load(Path certificate, Path key) throws IOException {
        return load(
                List.of(new CertificateFiles(certificate, key, List.of())),
                Set.of(ClientPolicy.NONE));
    }

    /// Returns TLS as a listener offers it.
    ///
    /// @throws IllegalArgumentException when the policy is none of those that were named at first
    public ListenerTls listener(ClientPolicy policy) {
        reading.of(policy);
        return new ListenerTls(() -> reading.of(policy));
    }

    /// Reads the files again. New connections use what they hold now, others keep what they began
    /// with. For one thread at a time.
    ///
    /// @return whether anything had changed
    /// @throws IOException when one does not hold what it should; then nothing changes. The message
    ///     names it and is meant for an operator
    public boolean reload() throws IOException {
        Held now = held();
        if (now.isSame(reading.held())) {
            return false;
        }
        reading = ready(now);
        return true;
    }

    /// Returns what is in use, in the order of the configuration.
    public List<Certificate> certificates() {
        return reading.held().identities().stream()
                .map(
                        it ->
                                new Certificate(
                                        it.files().certificate(),
                                        it.names(),
                                        it.chain().getFirst().getNotAfter().toInstant()))
                .toList();
    }

    /// A certificate in use.
    ///
    /// @param file where it was read
    /// @param names the host names that it is shown for
    /// @param validUntil when it expires
    public record Certificate(Path file, List<String> names, Instant validUntil) {}

    private Held held() throws IOException {
        List<Identity> identities = new ArrayList<>();
        for (CertificateFiles each : files) {
            identities.add(Identity.read(each));
        }
        List<ClientTrust> trusts = new ArrayList<>();
        for (ClientPolicy policy : policies) {
            trusts.add(ClientTrust.read(policy));
        }
        return new Held(List.copyOf(identities), List.copyOf(trusts));
    }

    private static Reading ready(Held held) throws IOException {
        Map<ClientPolicy, Handshakes> handshakes = new HashMap<>();
        for (ClientTrust trust : held.trusts()) {
            handshakes.put(trust.policy(), Handshakes.of(trust, held.identities()));
        }
        return new Reading(held, Map.copyOf(handshakes));
    }
}
