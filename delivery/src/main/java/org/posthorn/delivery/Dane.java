package org.posthorn.delivery;

import org.posthorn.api.dns.DnsRecord.Tlsa;
import org.posthorn.smtp.client.TlsFacts;

import java.io.ByteArrayInputStream;
import java.security.GeneralSecurityException;
import java.security.cert.CertPathBuilder;
import java.security.cert.CertStore;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.CollectionCertStoreParameters;
import java.security.cert.PKIXBuilderParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509CertSelector;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Date;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// What DNSSEC vouches for about the certificate of one host (RFC 7672 §3). Immutable.
///
/// @param service where the records are: `_25._tcp.mx.example`
/// @param records those that can be used, at least one
/// @param names whom a certificate may name that an authority of these records vouches for
record Dane(String service, List<Tlsa> records, List<String> names) {
    private static final int TRUST_ANCHOR = 2;
    private static final int END_ENTITY = 3;
    private static final int CERTIFICATE = 0;
    private static final int PUBLIC_KEY = 1;
    private static final int FULL = 0;
    private static final int SHA_256 = 1;
    private static final int SHA_512 = 2;
    private static final Pattern COMMON_NAME = Pattern.compile("(?:^|,)CN=([^,+\\\\]+)");

    Dane {
        records = List.copyOf(records);
        names = List.copyOf(names);
    }

    /// Returns the records that can be used for mail: of usages 2 and 3 (RFC 7672 §3.1), well
    /// formed, and of digests of the same thing only the better one (RFC 7671 §9).
    static List<Tlsa> usable(List<Tlsa> records) {
        List<Tlsa> sound = records.stream().filter(Dane::isSound).toList();
        return sound.stream()
                .filter(
                        it ->
                                it.matchingType() != SHA_256
                                        || sound.stream().noneMatch(other -> beats(other, it)))
                .toList();
    }

    private static boolean isSound(Tlsa record) {
        boolean usage = record.usage() == TRUST_ANCHOR || record.usage() == END_ENTITY;
        boolean selector = record.selector() == CERTIFICATE || record.selector() == PUBLIC_KEY;
        return usage
                && selector
                && switch (record.matchingType()) {
                    case FULL -> !record.association().isEmpty();
                    case SHA_256 -> record.association().length() == 64;
                    case SHA_512 -> record.association().length() == 128;
                    default -> false;
                };
    }

    private static boolean beats(Tlsa other, Tlsa record) {
        return other.matchingType() == SHA_512
                && other.usage() == record.usage()
                && other.selector() == record.selector();
    }

    /// Says what is wrong with a server's certificates, as a clause about the server.
    Optional<String> objection(TlsFacts facts, Instant now) {
        try {
            for (Tlsa record : records) {
                if (record.usage() == END_ENTITY && matches(record, facts.certificate())) {
                    return Optional.empty();
                }
            }
            return byAuthority(facts, now);
        } catch (CertificateEncodingException e) {
            return Optional.of("its certificate cannot be read");
        }
    }

    /// An authority of the records: its certificate comes with the server's, or stands in the DNS.
    private Optional<String> byAuthority(TlsFacts facts, Instant now)
            throws CertificateEncodingException {
        String why = "its certificate does not match TLSA at " + service;
        for (Tlsa record : records) {
            if (record.usage() != TRUST_ANCHOR) {
                continue;
            }
            for (X509Certificate anchor : anchors(record, facts)) {
                if (!matches(record, anchor)) {
                    continue;
                }
                if (!leadsTo(anchor, facts, now)) {
                    why = "its certificate is not by the authority of TLSA at " + service;
                } else if (names.stream().noneMatch(name -> isFor(facts, name))) {
                    why = "its certificate is not for " + String.join(" or ", names);
                } else {
                    return Optional.empty();
                }
            }
        }
        return Optional.of(why);
    }

    private static List<X509Certificate> anchors(Tlsa record, TlsFacts facts) {
        boolean whole = record.selector() == CERTIFICATE && record.matchingType() == FULL;
        Stream<X509Certificate> shown = facts.certificates().stream();
        return (whole ? Stream.concat(shown, published(record).stream()) : shown).toList();
    }

    private static Optional<X509Certificate> published(Tlsa record) {
        try {
            byte[] octets = HexFormat.of().parseHex(record.association());
            return Optional.of(
                    (X509Certificate)
                            CertificateFactory.getInstance("X.509")
                                    .generateCertificate(new ByteArrayInputStream(octets)));
        } catch (CertificateException | IllegalArgumentException _) {
            return Optional.empty();
        }
    }

    private static boolean matches(Tlsa record, X509Certificate certificate)
            throws CertificateEncodingException {
        byte[] part =
                record.selector() == CERTIFICATE
                        ? certificate.getEncoded()
                        : certificate.getPublicKey().getEncoded();
        String found =
                switch (record.matchingType()) {
                    case SHA_256 -> Fingerprint.digest("SHA-256", part);
                    case SHA_512 -> Fingerprint.digest("SHA-512", part);
                    default -> HexFormat.of().formatHex(part);
                };
        return found.equals(record.association());
    }

    private static boolean leadsTo(X509Certificate anchor, TlsFacts facts, Instant now) {
        X509Certificate own = facts.certificate();
        if (own.equals(anchor)) {
            return isValid(own, now);
        }
        try {
            var wanted = new X509CertSelector();
            wanted.setCertificate(own);
            var course = new PKIXBuilderParameters(Set.of(new TrustAnchor(anchor, null)), wanted);
            course.setRevocationEnabled(false);
            course.setDate(Date.from(now));
            course.addCertStore(
                    CertStore.getInstance(
                            "Collection", new CollectionCertStoreParameters(facts.certificates())));
            CertPathBuilder.getInstance("PKIX").build(course);
            return true;
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    private static boolean isValid(X509Certificate certificate, Instant now) {
        try {
            certificate.checkValidity(Date.from(now));
            return true;
        } catch (CertificateException e) {
            return false;
        }
    }

    /// A certificate without alternative names may name its host as of old (RFC 7672 §3.2.3).
    private static boolean isFor(TlsFacts facts, String name) {
        return facts.isFor(name)
                || facts.names().isEmpty()
                        && commonName(facts.certificate())
                                .filter(name::equalsIgnoreCase)
                                .isPresent();
    }

    private static Optional<String> commonName(X509Certificate certificate) {
        Matcher name = COMMON_NAME.matcher(certificate.getSubjectX500Principal().getName());
        return name.find() ? Optional.of(name.group(1)) : Optional.empty();
    }
}
