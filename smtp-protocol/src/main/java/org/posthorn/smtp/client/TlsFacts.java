package org.posthorn.smtp.client;

import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// What TLS of a session came to: whom the server is, as far as it could show that. Immutable.
///
/// @param version such as `TLSv1.3`
/// @param cipher the cipher suite
/// @param certificates the server's certificate and what it showed besides, in its order; at least
///     one
/// @param distrust why no trusted authority vouches for the certificate now; nothing when one does.
///     It says nothing about the names in it
public record TlsFacts(
        String version,
        String cipher,
        List<X509Certificate> certificates,
        Optional<String> distrust) {
    private static final int DNS_NAME = 2;
    private static final int IP_ADDRESS = 7;

    /// Copies the list.
    public TlsFacts {
        certificates = List.copyOf(certificates);
    }

    /// Returns the server's own certificate.
    public X509Certificate certificate() {
        return certificates.getFirst();
    }

    /// Tells whether the certificate is by a trusted authority, valid now, and for a server.
    ///
    /// @param host its name, or its address in brackets
    public boolean isTrustedFor(String host) {
        return distrust.isEmpty() && isFor(host);
    }

    /// Tells whether the certificate names a server (RFC 9525 §6.3): by one of its subject's
    /// alternative names, where `*` may stand for the whole first label.
    ///
    /// @param host its name, or its address in brackets
    public boolean isFor(String host) {
        if (host.startsWith("[")) {
            String address = host.substring(1, host.length() - 1);
            return alternatives(IP_ADDRESS).contains(address);
        }
        return names().stream().anyMatch(name -> matches(name, host.toLowerCase(Locale.ROOT)));
    }

    /// Returns the host names in the certificate, in lower case.
    public List<String> names() {
        return alternatives(DNS_NAME);
    }

    private static boolean matches(String pattern, String host) {
        int dot = host.indexOf('.');
        return pattern.equals(host)
                || pattern.startsWith("*.")
                        && dot > 0
                        && pattern.indexOf('.', 2) > 0
                        && pattern.substring(1).equals(host.substring(dot));
    }

    private List<String> alternatives(int type) {
        try {
            var all = certificate().getSubjectAlternativeNames();
            return all == null
                    ? List.of()
                    : all.stream()
                            .filter(it -> it.getFirst().equals(type))
                            .map(it -> String.valueOf(it.get(1)).toLowerCase(Locale.ROOT))
                            .toList();
        } catch (CertificateParsingException e) {
            return List.of();
        }
    }
}
