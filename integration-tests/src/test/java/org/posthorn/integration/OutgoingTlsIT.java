package org.posthorn.integration;

import static org.assertj.core.api.Assertions.assertThat;

import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.posthorn.integration.harness.Configuration;
import org.posthorn.integration.harness.Finished;
import org.posthorn.integration.harness.OpenDirectory;
import org.posthorn.integration.harness.Ports;
import org.posthorn.integration.harness.PosthornProcess;
import org.posthorn.integration.peer.Authority;
import org.posthorn.integration.peer.Certificate;
import org.posthorn.integration.peer.Client;
import org.posthorn.integration.peer.Needs;
import org.posthorn.integration.peer.Nsd;
import org.posthorn.integration.peer.Peer;
import org.posthorn.integration.peer.PolicySite;
import org.posthorn.integration.peer.Postfix;
import org.posthorn.integration.peer.SignedZone;
import org.posthorn.integration.peer.Unbound;
import org.posthorn.integration.peer.Zone;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/// Mail goes by TLS as good as the recipient's domain asks for, or it waits and says why: to a
/// Postfix with a certificate of the test's own authority at 127.0.0.25, and to one without TLS at
/// 127.0.0.26. The zone `test` is signed, `open` is not; Unbound validates.
@Needs({
    Peer.ROOT,
    Peer.POSTFIX,
    Peer.NSD,
    Peer.UNBOUND,
    Peer.LDNS,
    Peer.DIG,
    Peer.SWAKS,
    Peer.OPENSSL
})
class OutgoingTlsIT {
    private static final int PORT = Ports.free();
    private static final String WRONG = "ab".repeat(32);
    private static final String FALSE = "cd".repeat(32);
    private static final List<String> CERTIFIED =
            List.of(
                    "mx.good.test",
                    "mx.authority.test",
                    "mx.strict.test",
                    "mx.sts.open",
                    "mx.expiring.open",
                    "mx.relaxed.open",
                    "mx.memory.open",
                    "mx.verify.open");
    private static final List<String> DOMAINS =
            List.of(
                    "good.test",
                    "authority.test",
                    "wrong.test",
                    "named.test",
                    "clear.test",
                    "unusable.test",
                    "bogus.test",
                    "missing.test",
                    "strict.test",
                    "nothing.test",
                    "unsigned.open",
                    "plain.open",
                    "sts.open",
                    "expiring.open",
                    "other.open",
                    "relaxed.open",
                    "testing.open",
                    "stranger.open",
                    "memory.open",
                    "verify.open",
                    "unverified.open",
                    "known.open",
                    "unknown.open");

    @TempDir(factory = OpenDirectory.class)
    static Path directory;

    private static Authority authority;
    private static Certificate certificate;
    private static SignedZone signed;
    private static Nsd nsd;
    private static Unbound unbound;
    private static PolicySite site;
    private static Postfix postfix;
    private static Postfix clear;
    private static PosthornProcess server;

    @BeforeAll
    static void start() throws IOException, GeneralSecurityException {
        authority = Authority.in(directory);
        certificate = authority.certify("mx", CERTIFIED);
        Certificate web =
                authority.certify(
                        "web",
                        Stream.of("sts", "expiring", "other", "relaxed", "testing")
                                .map(it -> "mta-sts." + it + ".open")
                                .toList());
        signed = SignedZone.of(test(), directory).falsified(FALSE, WRONG);
        nsd = Nsd.serve(directory, Map.of("test", signed.text(), "open", open().text()));
        unbound =
                Unbound.asking(
                        directory, nsd, List.of("test", "open"), Optional.of(signed.anchor()));
        site = PolicySite.start(web, directory);
        site.publish("sts.open", "enforce", "mx.sts.open", 86_400);
        site.publish("other.open", "enforce", "mx.elsewhere.open", 86_400);
        site.publish("relaxed.open", "enforce", "mx.elsewhere.open", 86_400);
        site.publish("testing.open", "testing", "mx.elsewhere.open", 86_400);
        site.publish("expiring.open", "enforce", "mx.elsewhere.open", 4);
        site.publish("stranger.open", "enforce", "mx.elsewhere.open", 86_400);
        postfix =
                Postfix.receiving(directory, "far.test", "127.0.0.25", PORT)
                        .set("virtual_mailbox_domains", String.join(", ", DOMAINS))
                        .offeringTls(certificate)
                        .start();
        clear =
                Postfix.receiving(directory, "clear.test", "127.0.0.26", PORT)
                        .set("virtual_mailbox_domains", "clear.test")
                        .start();
        server = PosthornProcess.start(directory, configuration(unbound, ""));
    }

    private static Zone test() throws IOException, GeneralSecurityException {
        String key = Authority.keyDigest(certificate.certificate());
        String ca = Authority.digest(authority.certificate());
        return Stream.of(
                        "good",
                        "authority",
                        "wrong",
                        "named",
                        "unusable",
                        "bogus",
                        "missing",
                        "strict",
                        "nothing")
                .reduce(
                        Zone.of("test"),
                        (zone, it) -> at(zone, it + ".test", "127.0.0.25"),
                        (one, _) -> one)
                .mx("clear.test", 10, "mx.clear.test")
                .address("mx.clear.test", "127.0.0.26")
                .tlsa(service("good.test"), "3 1 1", key)
                .tlsa(service("strict.test"), "3 1 1", key)
                .tlsa(service("clear.test"), "3 1 1", key)
                .tlsa(service("authority.test"), "2 0 1", ca)
                .tlsa(service("named.test"), "2 0 1", ca)
                .tlsa(service("wrong.test"), "3 1 1", WRONG)
                .tlsa(service("unusable.test"), "1 1 1", WRONG)
                .tlsa(service("bogus.test"), "3 1 1", FALSE);
    }

    private static Zone open() {
        Zone zone =
                Stream.of(
                                "plain",
                                "sts",
                                "expiring",
                                "other",
                                "relaxed",
                                "testing",
                                "stranger",
                                "memory",
                                "verify",
                                "unverified",
                                "known",
                                "unknown",
                                "unsigned")
                        .reduce(
                                Zone.of("open"),
                                (all, it) -> at(all, it + ".open", "127.0.0.25"),
                                (one, _) -> one)
                        .tlsa(service("unsigned.open"), "3 1 1", WRONG);
        for (String it : List.of("sts", "expiring", "other", "relaxed", "testing", "stranger")) {
            zone =
                    zone.txt("_mta-sts." + it + ".open", "v=STSv1; id=1;")
                            .address("mta-sts." + it + ".open", "127.0.0.1");
        }
        return zone;
    }

    private static Zone at(Zone zone, String domain, String address) {
        return zone.mx(domain, 10, "mx." + domain).address("mx." + domain, address);
    }

    private static String service(String domain) {
        return "_" + PORT + "._tcp.mx." + domain;
    }

    private static Configuration configuration(Unbound dns, String more)
            throws IOException, GeneralSecurityException {
        String key = Authority.keyDigest(certificate.certificate());
        return Configuration.forLocalClients()
                .line("dns { servers = [\"127.0.0.1:%d\"] %s }".formatted(dns.port(), more))
                .line("queue { first-retry = 1s, longest-retry = 1s }")
                .line(
                        "delivery { mx-port = %d, trusted-certificates = \"%s\" }"
                                .formatted(PORT, authority.certificate()))
                .line("outgoing-tls { mta-sts-port = " + site.port() + " }")
                .route("strict.test", "mx", ", tls = dane")
                .route("nothing.test", "mx", ", tls = dane")
                .route("verify.open", "mx", ", tls = verify")
                .route("unverified.open", "mx", ", tls = verify")
                .route("known.open", "mx", fingerprint(key))
                .route("unknown.open", "mx", fingerprint(WRONG))
                .route("*", "mx");
    }

    private static String fingerprint(String hex) {
        return ", tls = fingerprint, tls-fingerprints = [\"" + hex + "\"]";
    }

    @AfterAll
    static void stop() {
        for (AutoCloseable it :
                Stream.<AutoCloseable>of(server, clear, postfix, site, unbound, nsd).toList()) {
            try {
                if (it != null) {
                    it.close();
                }
            } catch (Exception e) {
                throw new IllegalStateException("a peer does not stop", e);
            }
        }
    }

    @BeforeEach
    void clear() {
        postfix.mail().clear();
    }

    private static void send(PosthornProcess to, String domain, byte[] content) throws IOException {
        Client.SWAKS
                .send(to.smtpPort(), "mona@client.test", List.of("leo@" + domain), content)
                .succeeded();
    }

    private static void send(String domain) throws IOException {
        send(server, domain, Mail.about(domain));
    }

    private static void arrives(String domain) {
        assertThat(postfix.mail().awaitOne().text()).contains("Subject: " + domain);
    }

    private static void waits(PosthornProcess where, String domain, String... why) {
        Awaitility.await("a reason why mail for " + domain + " waits")
                .until(
                        () ->
                                where.mailLog()
                                        .lines()
                                        .filter(it -> it.contains("leo@" + domain))
                                        .anyMatch(it -> Stream.of(why).allMatch(it::contains)));
        assertThat(postfix.mail().files()).isEmpty();
    }

    private static JsonNode check(PosthornProcess where, String domain) {
        return JsonMapper.shared()
                .readTree(where.command("tls", "check", "--json", domain).output());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "good.test",
                "authority.test",
                "unusable.test",
                "missing.test",
                "strict.test",
                "unsigned.open",
                "plain.open",
                "sts.open",
                "testing.open",
                "stranger.open",
                "verify.open",
                "known.open"
            })
    void mailGoesByTlsWhereAllIsAsItMustBe(String domain) throws IOException {
        send(domain);
        assertThat(postfix.mail().awaitOne().trace().get("received")).contains("using TLSv1.3");
        JsonNode first = check(server, domain).get("servers").get(0);
        assertThat(first.get("usable").asBoolean()).as(first.toString()).isTrue();
        assertThat(first.get("session").asString()).startsWith("TLSv1.3");
    }

    @ParameterizedTest
    @CsvSource({
        "wrong.test,      454 4.7.5,  its certificate does not match TLSA",
        "named.test,      454 4.7.5,  its certificate is not for mx.named.test",
        "bogus.test,      454 4.7.10, the DNS does not answer about",
        "clear.test,      454 4.7.10, the server does not offer TLS",
        "nothing.test,    454 4.7.10, there is no TLSA for it",
        "other.open,      454 4.7.10, mx.other.open is not an exchanger by MTA-STS",
        "unverified.open, 454 4.7.5,  its certificate is not for mx.unverified.open",
        "unknown.open,    454 4.7.5,  its certificate has none of the fingerprints"
    })
    void mailWaitsAndSaysWhyWhereItIsNot(String domain, String status, String why)
            throws IOException {
        send(domain);
        waits(server, domain, status, why);
        Finished shown = server.command("tls", "check", domain);
        assertThat(shown.status()).isEqualTo(1);
        assertThat(shown.output()).contains("so       mail waits: ").contains(why);
    }

    @Test
    void aPolicyThatHasExpiredHoldsNoLonger() throws IOException {
        send("expiring.open");
        waits(server, "expiring.open", "is not an exchanger by MTA-STS");
        site.withdraw("expiring.open");
        arrives("expiring.open");
    }

    @Test
    void aSenderWhoDoesNotNeedTlsPassesOverAPolicy() throws IOException {
        String relaxed = "TLS-Required: No\r\nSubject: relaxed.open\r\n\r\nHello\r\n";
        send(server, "relaxed.open", relaxed.getBytes(StandardCharsets.UTF_8));
        arrives("relaxed.open");
        postfix.mail().clear();
        send("relaxed.open");
        waits(server, "relaxed.open", "is not an exchanger by MTA-STS");
    }

    @Test
    void whoseTlsWasVerifiedIsNotSentToInClearUntilAnOperatorForgets() throws IOException {
        send("memory.open");
        arrives("memory.open");
        postfix.mail().clear();
        assertThat(server.command("tls", "list").succeeded().output())
                .contains("memory.open  last ")
                .contains(" by certificate with mx.memory.open");

        server.terminate();
        server.start();
        postfix.withdrawTls();
        try {
            send("memory.open");
            waits(server, "memory.open", "454 4.7.10", "does not offer TLS", "had verified TLS");
            assertThat(server.command("tls", "list").succeeded().output().lines().findFirst())
                    .hasValueSatisfying(
                            it -> assertThat(it).contains("memory.open").contains("failed for it"));
            server.command("tls", "forget", "memory.open").succeeded();
            arrives("memory.open");
        } finally {
            postfix.grantTls();
        }
    }

    @Test
    void dnssecIsValidatedHereWhereTheNameServerDoesNot() throws Exception {
        Path own = Files.createDirectory(directory.resolve("validating"));
        try (Unbound plain = Unbound.asking(own, nsd, List.of("test", "open"), Optional.empty());
                PosthornProcess validating =
                        PosthornProcess.start(
                                own,
                                configuration(
                                        plain,
                                        ", dnssec = validate, trust-anchors = \"%s\""
                                                .formatted(signed.anchor())))) {
            send(validating, "good.test", Mail.about("good.test"));
            arrives("good.test");
            postfix.mail().clear();
            send(validating, "wrong.test", Mail.about("wrong.test"));
            waits(validating, "wrong.test", "454 4.7.5", "does not match TLSA");
            send(validating, "bogus.test", Mail.about("bogus.test"));
            waits(validating, "bogus.test", "454 4.7.10", "the DNS does not answer about");
            assertThat(check(validating, "unsigned.open").toString())
                    .contains("no DNSSEC vouches for the MX records of unsigned.open");
        }
    }

    @Test
    void aNameServerThatIsNotTrustedVouchesForNothing() throws Exception {
        Path own = Files.createDirectory(directory.resolve("doubting"));
        Path file =
                Files.writeString(
                        own.resolve("posthorn.conf"),
                        configuration(unbound, ", trust-ad = false").text(own));
        String checked = server.commandFor(file, "tls", "check", "wrong.test").succeeded().output();
        assertThat(checked)
                .contains("no DANE: no DNSSEC vouches for the MX records of wrong.test")
                .contains("so       mail goes by TLS, whatever the certificate");
    }
}
