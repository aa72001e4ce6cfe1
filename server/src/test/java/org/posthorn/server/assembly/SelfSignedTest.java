package org.posthorn.server.assembly;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.posthorn.smtp.tls.ClientPolicy;
import org.posthorn.smtp.tls.ServerTls;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Date;
import java.util.List;
import java.util.Set;

class SelfSignedTest {
    private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");
    private static final InstantSource CLOCK = InstantSource.fixed(NOON);

    @TempDir private Path directory;

    @Test
    void makesACertificateForTheHostThatItSignedItself() throws Exception {
        X509Certificate made = read(SelfSigned.in(directory, "mx.example.org", CLOCK));
        made.verify(made.getPublicKey());
        assertThat(made.getVersion()).isEqualTo(3);
        assertThat(made.getSubjectX500Principal().getName()).isEqualTo("CN=mx.example.org");
        assertThat(made.getIssuerX500Principal()).isEqualTo(made.getSubjectX500Principal());
        assertThat(made.getSubjectAlternativeNames()).containsExactly(List.of(2, "mx.example.org"));
        assertThat(made.getSigAlgName()).isEqualTo("SHA256withECDSA");
    }

    @Test
    void isValidFromADayAgoForTenYears() throws Exception {
        X509Certificate made = read(SelfSigned.in(directory, "mx.example.org", CLOCK));
        made.checkValidity(Date.from(NOON.minus(Duration.ofHours(23))));
        made.checkValidity(Date.from(NOON.plus(Duration.ofDays(3_649))));
    }

    @Test
    void keepsTheKeyToTheServersUser() throws IOException {
        TlsConfig made = SelfSigned.in(directory, "mx.example.org", CLOCK);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(made.key())))
                .isEqualTo("rw-------");
    }

    @Test
    void usesTheSameCertificateAtTheNextStart() throws Exception {
        X509Certificate first = read(SelfSigned.in(directory, "mx.example.org", CLOCK));
        assertThat(read(SelfSigned.in(directory, "mx.example.org", CLOCK))).isEqualTo(first);
    }

    @Test
    void canNameAHostOfAnyLength() throws Exception {
        String name = "a".repeat(60) + "." + "b".repeat(60) + "." + "c".repeat(60) + ".example";
        X509Certificate made = read(SelfSigned.in(directory, name, CLOCK));
        assertThat(made.getSubjectAlternativeNames()).containsExactly(List.of(2, name));
    }

    @Test
    void isGoodForTls() throws IOException {
        TlsConfig made = SelfSigned.in(directory, "mx.example.org", CLOCK);
        assertThat(ServerTls.load(made.files(), Set.of(ClientPolicy.NONE)).certificates())
                .extracting(ServerTls.Certificate::names)
                .containsExactly(List.of("mx.example.org"));
    }

    private static X509Certificate read(TlsConfig files) throws Exception {
        try (InputStream file = Files.newInputStream(files.certificate())) {
            return (X509Certificate)
                    CertificateFactory.getInstance("X.509").generateCertificate(file);
        }
    }
}
