package org.posthorn.integration;

import static org.assertj.core.api.Assertions.assertThat;

import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.posthorn.integration.harness.OpenDirectory;
import org.posthorn.integration.peer.Client;
import org.posthorn.integration.peer.Needs;
import org.posthorn.integration.peer.Peer;
import org.posthorn.integration.peer.Postfix;
import org.posthorn.integration.peer.TlsClient;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/// Mail goes out to servers that nobody here wrote: Postfix, found by its MX in a real DNS, and
/// Dovecot by LMTP.
@Needs({
    Peer.ROOT,
    Peer.POSTFIX,
    Peer.DOVECOT,
    Peer.NSD,
    Peer.DIG,
    Peer.SWAKS,
    Peer.PYTHON,
    Peer.OPENSSL
})
class OutboundIT {
    @TempDir(factory = OpenDirectory.class)
    static Path directory;

    private static Outside outside;
    private static Postfix postfix;

    @BeforeAll
    static void start() throws IOException {
        outside = Outside.start(directory, ours -> ours.line("queue { first-retry = 1s }"));
        postfix = outside.postfix();
    }

    @AfterAll
    static void stop() {
        outside.close();
    }

    @BeforeEach
    void clear() {
        postfix.mail().clear();
    }

    @Test
    void awkwardMailReachesThePostfixThatTheMxNames() throws IOException {
        for (AwkwardMail awkward : AwkwardMail.values()) {
            postfix.mail().clear();
            send("leo@far.test", awkward.octets());
            awkward.assertArrivedAs(postfix.mail().awaitOne());
        }
    }

    @Test
    void awkwardMailReachesDovecotByLmtp() throws IOException {
        for (AwkwardMail awkward : AwkwardMail.values()) {
            outside.dovecot().mail("leo@lmtp.test").clear();
            send("leo@lmtp.test", awkward.octets());
            awkward.assertArrivedAs(outside.dovecot().mail("leo@lmtp.test").awaitOne());
        }
    }

    @Test
    void aServerThatOffersTlsIsSpokenToInTls() throws IOException {
        send("leo@far.test", Mail.about("secret"));
        assertThat(postfix.mail().awaitOne().trace().get("received"))
                .contains("using TLSv1.3")
                .contains("from mx.posthorn.test");
    }

    @ParameterizedTest
    @ValueSource(strings = {"second.test", "implicit.test", "alias.test"})
    void aWayIsFound(String domain) throws IOException {
        send("leo@" + domain, Mail.about(domain));
        assertThat(postfix.mail().awaitOne().text()).contains("Subject: " + domain);
    }

    @Test
    void oneTransactionCarriesAllRecipientsOfADestination() throws IOException {
        outside.send(
                Client.SMTPLIB,
                Mail.about("three"),
                "leo@far.test",
                "nina@far.test",
                "otto@far.test");
        List<String> received =
                postfix.mail().await(3).stream()
                        .map(arrived -> arrived.trace().get("received"))
                        .distinct()
                        .toList();
        assertThat(received).as("one Received field, so one transaction").hasSize(1);
    }

    @Test
    void whatIsPutOffByTheRemoteArrivesLater() throws IOException {
        Postfix greylisting =
                Postfix.receiving(directory, "grey.test", "127.0.0.27", postfix.port()).start();
        try (greylisting) {
            send("busy@grey.test", Mail.about("later"));
            Awaitility.await("a first attempt")
                    .until(() -> outside.server().mailLog().contains("450 4.2.0"));
            greylisting.refuseNobody();
            assertThat(greylisting.mail().awaitOne().text()).contains("Subject: later");
        }
    }

    @Test
    @Needs(Peer.CURL)
    void postfixLearnsWhoTheClientIs() throws IOException {
        TlsClient.send(
                        "smtp",
                        outside.server().smtpPort(),
                        "127.0.0.9",
                        "leo@smart.test",
                        Mail.about("xforward"))
                .succeeded();
        assertThat(postfix.mail().awaitOne().text()).contains("Subject: xforward");
        assertThat(postfix.log()).contains("orig_client=unknown[127.0.0.9]");
    }

    @Test
    @Needs(Peer.IPV6)
    void anAddressOfIpv6IsReached() throws IOException {
        try (Postfix six =
                Postfix.receiving(directory, "six.test", "::1", postfix.port()).start()) {
            send("leo@six.test", Mail.about("six"));
            assertThat(six.mail().awaitOne().trace().get("received")).contains("IPv6:::1");
        }
    }

    private static void send(String to, byte[] content) throws IOException {
        outside.send(Client.SWAKS, content, to);
    }
}
