package org.posthorn.server.management;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.posthorn.server.mxbean.TlsMXBean.Certificate;
import org.posthorn.smtp.tls.ServerTls;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

class CertificateWatchTest {
    private static final Path FILES = Path.of("../testkit/src/test/resources/tls");

    private final Logger log = (Logger) LoggerFactory.getLogger(CertificateWatch.class);
    private final ListAppender<ILoggingEvent> logged = new ListAppender<>();
    @TempDir private Path directory;
    private CertificateWatch watch;

    @BeforeEach
    void start() throws IOException {
        copy("cert.pem", "cert.pem");
        copy("key.pem", "key.pem");
        watch =
                new CertificateWatch(
                        ServerTls.load(
                                directory.resolve("cert.pem"), directory.resolve("key.pem")));
        logged.start();
        log.addAppender(logged);
        log.setLevel(Level.INFO);
        log.setAdditive(false);
    }

    @AfterEach
    void stop() {
        log.detachAppender(logged);
        log.setLevel(null);
        log.setAdditive(true);
        watch.close();
    }

    @Test
    void tellsWhichCertificatesAreInUse() {
        assertThat(watch.getCertificates())
                .containsExactly(
                        new Certificate(
                                directory.resolve("cert.pem").toString(),
                                List.of("mx.example.org"),
                                "2126-10-29T19:02:10Z"));
    }

    @Test
    void usesFilesThatHaveChanged() throws IOException {
        watch.check();
        assertThat(logged.list).isEmpty();
        copy("stranger.pem", "cert.pem");
        copy("stranger-key.pem", "key.pem");
        watch.check();
        assertThat(watch.getCertificates().getFirst().names()).containsExactly("stranger.example");
        assertThat(messages()).hasSize(1).first().asString().contains("certificates have changed");
        assertThat(watch.reload()).isFalse();
    }

    @Test
    void saysOnceWhatIsWrongWithFilesAndKeepsWhatItHas() throws IOException {
        copy("stranger.pem", "cert.pem");
        watch.check();
        watch.check();
        assertThat(messages())
                .containsExactly(
                        "certificates stay as they were: the key %s is not that of %s"
                                .formatted(
                                        directory.resolve("key.pem"),
                                        directory.resolve("cert.pem")));
        assertThat(watch.getCertificates().getFirst().names()).containsExactly("mx.example.org");
        assertThatIOException().isThrownBy(() -> watch.reload()).withMessageContaining("key.pem");
        copy("cert.pem", "cert.pem");
        watch.check();
        copy("stranger.pem", "cert.pem");
        watch.check();
        assertThat(messages()).hasSize(2);
    }

    private List<String> messages() {
        return logged.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
    }

    private void copy(String from, String to) throws IOException {
        Files.copy(FILES.resolve(from), directory.resolve(to), StandardCopyOption.REPLACE_EXISTING);
    }
}
