package org.posthorn.integration;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.posthorn.integration.harness.OpenDirectory;
import org.posthorn.integration.harness.Ports;
import org.posthorn.integration.harness.SmtpConnection;
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

/// The peers among themselves: what the other tests take for granted about them.
@Needs({
    Peer.ROOT,
    Peer.POSTFIX,
    Peer.DOVECOT,
    Peer.NSD,
    Peer.DIG,
    Peer.SWAKS,
    Peer.MSMTP,
    Peer.CURL,
    Peer.PYTHON,
    Peer.OPENSSL
})
class PeersIT {
    @TempDir(factory = OpenDirectory.class)
    static Path directory;

    private static Postfix postfix;

    @BeforeAll
    static void start() throws IOException {
        Certificate certificate = Certificate.of("mx.far.test", directory);
        postfix =
                Postfix.receiving(directory, "far.test", "127.0.0.1", Ports.free())
                        .offeringTls(certificate)
                        .start();
    }

    @AfterAll
    static void stop() {
        postfix.close();
    }

    @ParameterizedTest
    @EnumSource(Client.class)
    void clientsDeliverWhatTheyAreGiven(Client client) throws IOException {
        for (AwkwardMail mail : AwkwardMail.sentBy(client)) {
            postfix.mail().clear();
            client.send(postfix.port(), "a@client.test", List.of("b@far.test"), mail.octets())
                    .succeeded();
            mail.assertArrivedAs(postfix.mail().awaitOne());
        }
    }

    @ParameterizedTest
    @EnumSource(Client.class)
    void clientsEncryptWhenTold(Client client) throws IOException {
        postfix.mail().clear();
        client.sendEncrypted(
                        postfix.port(),
                        "a@client.test",
                        List.of("b@far.test"),
                        AwkwardMail.ORDINARY.octets())
                .succeeded();
        assertThat(postfix.mail().awaitOne().trace().get("received")).contains("using TLSv1.3");
    }

    @ParameterizedTest
    @EnumSource(Client.class)
    void clientsReportARefusal(Client client) throws IOException {
        var finished =
                client.send(
                                postfix.port(),
                                "a@client.test",
                                List.of("refused@far.test"),
                                AwkwardMail.ORDINARY.octets())
                        .failed();
        assertThat(finished.said()).contains("550");
    }

    @Test
    void postfixRelays() throws IOException {
        postfix.mail().clear();
        try (Postfix relay = Postfix.relaying(directory, Ports.free(), postfix.port()).start()) {
            Client.SMTPLIB
                    .send(
                            relay.port(),
                            "a@client.test",
                            List.of("b@far.test"),
                            AwkwardMail.ORDINARY.octets())
                    .succeeded();
            assertThat(postfix.mail().awaitOne().trace().get("received"))
                    .contains("relay.client.test");
        }
    }

    @Test
    void dovecotTakesMailForItsUsersAlone() throws IOException {
        try (Dovecot dovecot = Dovecot.start(directory, List.of("leo@lmtp.test"));
                SmtpConnection lmtp = SmtpConnection.to("127.0.0.1", dovecot.port())) {
            assertThat(lmtp.reply()).startsWith("220");
            assertThat(lmtp.command("LHLO client.test")).startsWith("250");
            assertThat(lmtp.command("MAIL FROM:<a@client.test>")).startsWith("250");
            assertThat(lmtp.command("RCPT TO:<nobody@lmtp.test>")).startsWith("550");
            assertThat(lmtp.command("RCPT TO:<leo@lmtp.test>")).startsWith("250");
            assertThat(lmtp.command("DATA")).startsWith("354");
            lmtp.write(AwkwardMail.ORDINARY.octets());
            assertThat(lmtp.command(".")).startsWith("250");
            assertThat(dovecot.mail("leo@lmtp.test").awaitOne().withoutTrace())
                    .isEqualTo(AwkwardMail.ORDINARY.octets());
        }
    }

    @Test
    void nsdServesItsZoneAndDeniesTheRest() throws IOException {
        Zone zone =
                Zone.of("test")
                        .mx("far.test", 10, "mx.far.test")
                        .address("mx.far.test", "127.0.0.25")
                        .nullMx("nomail.test");
        try (Nsd nsd = Nsd.serve(directory, zone)) {
            assertThat(nsd.ask("far.test", "MX")).isEqualTo("10 mx.far.test.\n");
            assertThat(nsd.ask("mx.far.test", "A")).isEqualTo("127.0.0.25\n");
            assertThat(nsd.ask("nomail.test", "MX")).isEqualTo("0 .\n");
            assertThat(nsd.ask("absent.test", "MX")).isEmpty();
        }
    }
}
