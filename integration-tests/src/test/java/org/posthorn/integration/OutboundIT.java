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
import org.posthorn.integration.harness.Configuration;
import org.posthorn.integration.harness.OpenDirectory;
import org.posthorn.integration.harness.Ports;
import org.posthorn.integration.harness.PosthornProcess;
import org.posthorn.integration.peer.Certificate;
import org.posthorn.integration.peer.Client;
import org.posthorn.integration.peer.Dovecot;
import org.posthorn.integration.peer.Needs;
import org.posthorn.integration.peer.Nsd;
import org.posthorn.integration.peer.Peer;
import org.posthorn.integration.peer.Postfix;
import org.posthorn.integration.peer.Zone;

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
    private static final int MX_PORT = Ports.free();

    @TempDir(factory = OpenDirectory.class)
    static Path directory;

    private static Nsd nsd;
    private static Postfix postfix;
    private static Dovecot dovecot;
    private static PosthornProcess server;

    @BeforeAll
    static void start() throws IOException {
        Zone zone =
                Zone.of("test")
                        .mx("far.test", 10, "mx.far.test")
                        .address("mx.far.test", "127.0.0.25")
                        .mx("second.test", 10, "dead.test")
                        .mx("second.test", 20, "mx.far.test")
                        .address("dead.test", "127.0.0.26")
                        .address("implicit.test", "127.0.0.25")
                        .mx("six.test", 10, "mx.six.test")
                        .address("mx.six.test", "::1")
                        .address("grey.test", "127.0.0.27")
                        .alias("alias.test", "far.test");
        nsd = Nsd.serve(directory, zone);
        postfix =
                Postfix.receiving(directory, "far.test", "127.0.0.25", MX_PORT)
                        .set(
                                "virtual_mailbox_domains",
                                "far.test, second.test, implicit.test, alias.test")
                        .offeringTls(Certificate.of("mx.far.test", directory))
                        .start();
        dovecot = Dovecot.start(directory, List.of("leo@lmtp.test"));
        server =
                PosthornProcess.start(
                        directory,
                        Configuration.forLocalClients()
                                .dns(nsd.port())
                                .line("delivery { mx-port = " + MX_PORT + " }")
                                .line("queue { first-retry = 1s }")
                                .route("lmtp.test", "lmtp://127.0.0.1:" + dovecot.port())
                                .route("smart.test", "smtp://127.0.0.25:" + MX_PORT)
                                .route("home.test", "maildir:" + directory.resolve("mail"))
                                .route("*", "mx"));
    }

    @AfterAll
    static void stop() {
        server.close();
        dovecot.close();
        postfix.close();
        nsd.close();
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
            dovecot.mail("leo@lmtp.test").clear();
            send("leo@lmtp.test", awkward.octets());
            awkward.assertArrivedAs(dovecot.mail("leo@lmtp.test").awaitOne());
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
        List<String> recipients = List.of("leo@far.test", "nina@far.test", "otto@far.test");
        Client.SMTPLIB
                .send(server.smtpPort(), "a@client.test", recipients, Mail.about("three"))
                .succeeded();
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
                Postfix.receiving(directory, "grey.test", "127.0.0.27", MX_PORT).start();
        try (greylisting) {
            send("busy@grey.test", Mail.about("later"));
            Awaitility.await("a first attempt").until(() -> server.mailLog().contains("450 4.2.0"));
            greylisting.refuseNobody();
            assertThat(greylisting.mail().awaitOne().text()).contains("Subject: later");
        }
    }

    @Test
    @Needs(Peer.IPV6)
    void anAddressOfIpv6IsReached() throws IOException {
        try (Postfix six = Postfix.receiving(directory, "six.test", "::1", MX_PORT).start()) {
            send("leo@six.test", Mail.about("six"));
            assertThat(six.mail().awaitOne().trace().get("received")).contains("IPv6:::1");
        }
    }

    private static void send(String to, byte[] content) throws IOException {
        Client.SWAKS.send(server.smtpPort(), "mona@client.test", List.of(to), content).succeeded();
    }
}
