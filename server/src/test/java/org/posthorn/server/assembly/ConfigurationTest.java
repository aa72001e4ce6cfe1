package org.posthorn.server.assembly;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.posthorn.api.config.ByteSize;
import org.posthorn.api.mail.Domain;
import org.posthorn.delivery.DeliveryConfig;
import org.posthorn.delivery.DnsConfig;
import org.posthorn.delivery.ShapingConfig;
import org.posthorn.queue.RetryRule;
import org.posthorn.server.config.ConfigurationException;
import org.posthorn.server.config.Problem;
import org.posthorn.server.log.LogConfig;
import org.posthorn.server.management.JmxConfig;
import org.posthorn.server.plugin.PluginConfig;
import org.posthorn.server.plugin.PluginJar;
import org.posthorn.smtp.server.ListenerConfig;
import org.posthorn.smtp.server.MessageLimits;
import org.posthorn.smtp.server.NetworkLimits;
import org.posthorn.smtp.server.SmtpLimits;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

class ConfigurationTest {
    private static final String LEAST =
            """
            hostname = mx.example.org
            listeners { smtp { port = 2525 } }
            routes = []
            """;

    @TempDir private Path home;
    private Path file;

    @BeforeEach
    void layOut() throws IOException {
        file = Files.createDirectory(home.resolve("etc")).resolve("posthorn.conf");
        Path plugin = Files.createDirectories(home.resolve("plugins/limit"));
        PluginJar.plain(plugin.resolve("limit.jar"), "limit", "return hooks();");
    }

    @Test
    void hasDefaultsForAllThatNeedNotBeSaid() throws Exception {
        PosthornConfig config = read(LEAST).settings();
        assertThat(config.hostname()).isEqualTo(new Domain.Name("mx.example.org"));
        assertThat(config.dataDirectory()).isEqualTo(home.resolve("data"));
        assertThat(config.drainTimeout()).isEqualTo(Duration.ofSeconds(30));
        assertThat(config.listeners())
                .containsOnlyKeys("smtp")
                .containsValue(
                        ListenerConfig.of(
                                "127.0.0.1",
                                2525,
                                ListenerConfig.Kind.SMTP,
                                ListenerConfig.Tls.STARTTLS));
        assertThat(config.tls()).isEmpty();
        assertThat(config.dns()).isEqualTo(DnsConfig.STANDARD);
        assertThat(config.smtp()).isEqualTo(SmtpLimits.DEFAULT);
        assertThat(config.message()).isEqualTo(MessageLimits.DEFAULT);
        assertThat(config.delivery()).isEqualTo(DeliveryConfig.STANDARD);
        assertThat(config.queue().lifetime()).isEqualTo(Duration.ofDays(5));
        assertThat(config.queue().minFreeSpace()).isEqualTo(new ByteSize(1L << 30));
        assertThat(config.jmx()).isEqualTo(new JmxConfig(InetAddress.ofLiteral("127.0.0.1"), 2590));
        assertThat(config.log())
                .isEqualTo(
                        new LogConfig(
                                LogConfig.MailLogTarget.FILE,
                                home.resolve("data/log/mail.log"),
                                LogConfig.Level.WARN));
        assertThat(config.plugins()).isEmpty();
    }

    @Test
    void readsTheNamesThatUsersRelyOn() throws Exception {
        Files.createDirectories(home.resolve("etc/tls"));
        Files.createFile(home.resolve("etc/tls/cert.pem"));
        Files.createFile(home.resolve("etc/tls/key.pem"));
        PosthornConfig config =
                read("""
                                hostname = "mx.example.org"
                                data-directory = "elsewhere"
                                listeners {
                                  smtp        { address = "127.0.0.1", port = 2525 }
                                  secure      { address = "127.0.0.1", port = 2465, tls = implicit }
                                }
                                tls { certificate = "etc/tls/cert.pem", key = "etc/tls/key.pem" }
                                dns { servers = ["127.0.0.1:5353"] }
                                message { max-size = 20MiB }
                                routes = [
                                  { domains = ["example.org"],       to = "maildir:data/mail" }
                                  { domains = ["lists.example.org"], to = "lmtp://127.0.0.1:24" }
                                  { domains = ["*"],                 to = "mx" }
                                ]
                                queue { lifetime = 3d, delay-warning = 2h, min-free-space = 2GiB }
                                jmx { address = "127.0.0.1", port = 2591 }
                                plugins = [
                                  { use = limit, timeout = 3s, on-failure = ignore, number = 5 }
                                ]
                                """)
                        .settings();
        assertThat(config.listeners().keySet()).containsExactly("smtp", "secure");
        assertThat(config.tls())
                .contains(
                        new TlsConfig(
                                home.resolve("etc/tls/cert.pem"),
                                home.resolve("etc/tls/key.pem"),
                                List.of(),
                                Duration.ofMinutes(1)));
        assertThat(config.dns().servers()).containsExactly("127.0.0.1:5353");
        assertThat(config.message().maxSize()).isEqualTo(ByteSize.ofMebibytes(20));
        assertThat(config.routes())
                .extracting("to")
                .containsExactly("maildir:data/mail", "lmtp://127.0.0.1:24", "mx");
        assertThat(config.queue().lifetime()).isEqualTo(Duration.ofDays(3));
        assertThat(config.jmx().port()).isEqualTo(2591);
        assertThat(config.log().mailFile()).isEqualTo(home.resolve("elsewhere/log/mail.log"));
        assertThat(config.plugins().getFirst().timeout()).isEqualTo(Duration.ofSeconds(3));
    }

    @Test
    void takesInOtherFilesAndTheEnvironment() throws Exception {
        Files.writeString(home.resolve("etc/queue.conf"), "queue { lifetime = 1d }");
        PosthornConfig config =
                read(LEAST
                                + "include \"queue.conf\"\ndrain-timeout = ${?NO_SUCH_VARIABLE}\n"
                                + "data-directory = ${PATH}\n")
                        .settings();
        assertThat(config.queue().lifetime()).isEqualTo(Duration.ofDays(1));
        assertThat(config.drainTimeout()).isEqualTo(Duration.ofSeconds(30));
        assertThat(config.dataDirectory().toString()).endsWith(System.getenv("PATH"));
    }

    @Test
    void namesTheLineOfAnIncludedFile() throws Exception {
        Files.writeString(home.resolve("etc/queue.conf"), "queue {\n lifetime = long\n}");
        assertThat(problems(LEAST + "include \"queue.conf\""))
                .containsExactly(
                        home.resolve("etc/queue.conf")
                                + ":2: queue.lifetime: 'long' is not a duration such as"
                                + " 30s, 5m, 4h or 5d");
    }

    @Test
    void readsWhenMailIsTriedAgain() throws Exception {
        PosthornConfig config =
                read("""
                                hostname = mx.example.org
                                listeners { smtp { port = 2525 } }
                                queue.retries = [ { on = rate-limit, matching = "slow", first-retry = 10m } ]
                                routes = [
                                  { domains = ["*"], to = mx, retry { lifetime = 1h, retries = [ { on = connection } ] } }
                                ]
                                """)
                        .settings();
        assertThat(config.queue().retries())
                .containsExactly(
                        new RetryRule(
                                RetryRule.Failure.RATE_LIMIT,
                                Optional.of("slow"),
                                Optional.of(Duration.ofMinutes(10)),
                                Optional.empty(),
                                Optional.empty()));
        assertThat(config.routes().getFirst().retry().orElseThrow().lifetime())
                .contains(Duration.ofHours(1));
    }

    @Test
    void namesTheLineOfATimeOrAnExpressionThatMakesNoSense() throws Exception {
        assertThat(
                        problems(
                                """
                                hostname = mx.example.org
                                listeners { smtp { port = 2525 } }
                                queue {
                                  retry-growth = 1
                                  retries = [
                                    { on = reply, matching = "4(" }
                                    { on = never }
                                  ]
                                }
                                routes = [
                                  { domains = ["*"], to = mx, retry {
                                    first-retry = 0s
                                    retries = [ { on = reply, longest-retry = often } ]
                                  } }
                                ]
                                """))
                .containsExactly(
                        file + ":4: queue.retry-growth: must be more than 1, and at most 100: 1.0",
                        file
                                + ":6: queue.retries[0].matching: '4(' is not a regular expression:"
                                + " Unclosed group at character 3",
                        file
                                + ":7: queue.retries[1].on: 'never' is not one of connection,"
                                + " rate-limit, reply, unknown-user, disabled-user, mailbox-full,"
                                + " unknown-domain, size, content, sender-authentication,"
                                + " reputation, policy, greylisted, busy, protocol, dns, tls,"
                                + " login, routing, local, other",
                        file
                                + ":12: routes[0].retry.first-retry: must be longer than nothing:"
                                + " PT0S",
                        file
                                + ":13: routes[0].retry.retries[0].longest-retry: 'often' is not a"
                                + " duration such as 30s, 5m, 4h or 5d");
    }

    @Test
    void readsLimitsOfNetworksOfSeveralSizes() throws Exception {
        String several =
                """
                smtp.clients.networks = [
                  { ipv4-prefix = 32, max-connections = 20 }
                  { ipv6-prefix = 48, auth-failure-rate = 50 }
                ]
                """;
        assertThat(read(LEAST + several).settings().smtp().clients().networks())
                .containsExactly(
                        new NetworkLimits(32, 64, 20, 0, 0, 0, 0, 0),
                        new NetworkLimits(24, 48, 0, 0, 0, 0, 0, 50));
        assertThat(problems(LEAST + "smtp.clients.networks = [{ ipv6-prefix = 65 }]"))
                .singleElement(STRING)
                .contains("smtp.clients.networks[0].ipv6-prefix: must be 1 to 64, not 65");
    }

    @Test
    void namesTheLineOfATemplateThatIsWrong() throws Exception {
        Path texts = Files.createDirectories(home.resolve("etc/bounces"));
        String german = "[failed]\nSubject: Weg\nAn {whom}:\n{recipients}\n";
        Files.writeString(texts.resolve("de.txt"), german);
        assertThat(problems(LEAST + "bounces { templates = etc/bounces, language = nl }"))
                .contains(
                        texts.resolve("de.txt")
                                + ":3: {whom} is no placeholder of [failed]; there are:"
                                + " {recipients}, {arrived}, {hostname}, {sender}",
                        texts.resolve("de.txt") + ":4: [delayed] is missing",
                        file
                                + ":4: bounces.language: no reports can be written in 'nl'; there"
                                + " are de, en, es, fr");
        assertThat(problems(LEAST + "bounces { templates = nowhere }"))
                .containsExactly(
                        file
                                + ":4: bounces.templates: there is no directory at "
                                + home.resolve("nowhere"));
        assertThat(problems(LEAST + "bounces { max-original = 1GiB }"))
                .containsExactly(file + ":4: bounces.max-original: must be at most 4MiB: 1GiB");
    }

    @Test
    void missesNoIncludedFile() throws Exception {
        String line = file + ":" + (LEAST.lines().count() + 1) + ": includes ";
        assertThat(problems(LEAST + "include \"typo.conf\""))
                .singleElement(STRING)
                .startsWith(line)
                .endsWith("typo.conf, but cannot read such a file");
        assertThat(problems(LEAST + "include file(\"typo.conf\")"))
                .singleElement(STRING)
                .startsWith(line);
        Files.writeString(home.resolve("etc/queue.conf"), "queue {\n include \"typo.conf\"\n}");
        assertThat(problems(LEAST + "include \"queue.conf\""))
                .singleElement(STRING)
                .startsWith(home.resolve("etc/queue.conf") + ":2: includes ");
    }

    @Test
    void tellsAllThatIsWrongAtOnceInTheOrderOfTheLines() throws Exception {
        assertThat(
                        problems(
                                """
                                hostnam = mx.example.org
                                listeners {
                                  a { port = 2525, adress = "::1" }
                                  b { port = 70000 }
                                  c { port = 2525, address = mail.example.org }
                                }
                                message { max-size = 1KiB }
                                routes = [
                                  { domains = [], to = mx }
                                  { domains = ["*"], to = "ftp://example.org" }
                                ]
                                queue { lifetime = 5 }
                                plugins = [
                                  { use = limits }
                                  { use = limit, number = 10, timeout = never }
                                  { use = limit, number = 10 }
                                ]
                                """))
                .satisfiesExactly(
                        it ->
                                assertThat(it)
                                        .contains(
                                                ":1: hostnam: no such setting; did you mean hostname?"),
                        it -> assertThat(it).contains(":1: hostname: is missing"),
                        it ->
                                assertThat(it)
                                        .contains(
                                                ":3: listeners.a.adress: no such setting; did you mean address?"),
                        it -> assertThat(it).contains(":4: listeners.b.port: must be 0 to 65535"),
                        it ->
                                assertThat(it)
                                        .contains(":5: listeners.c.address: must be an IP address"),
                        it ->
                                assertThat(it)
                                        .contains(":7: message.max-size: must be at least 65536"),
                        it -> assertThat(it).contains(":9: routes[0].domains: name at least one"),
                        it ->
                                assertThat(it)
                                        .contains(
                                                ":10: routes[1].to: 'ftp://example.org' is no route"),
                        it -> assertThat(it).contains(":12: queue.lifetime: '5' is not a duration"),
                        it ->
                                assertThat(it)
                                        .contains(
                                                ":14: plugins[0].use: there is no plugin 'limits'; did you mean limit?"),
                        it ->
                                assertThat(it)
                                        .contains(
                                                ":15: plugins[1].timeout: 'never' is not a duration"),
                        it -> assertThat(it).contains(":16: plugins[2].number: must be at most 9"))
                .allSatisfy(it -> assertThat(it).startsWith(file + ":"));
    }

    @Test
    void tellsAllThatIsWrongWithinOneBlock() throws Exception {
        assertThat(
                        problems(
                                LEAST
                                        + """
                                        smtp {
                                          max-recipients = 0
                                          command-timeout = 0s
                                          max-errors = few
                                          max-command-line = 1
                                          max-comand-line = 1
                                        }
                                        """))
                .extracting(it -> it.substring(file.toString().length()))
                .containsExactly(
                        ":5: smtp.max-recipients: must be at least 1",
                        ":6: smtp.command-timeout: must be longer than 0",
                        ":7: smtp.max-errors: 'few' is not a whole number",
                        ":8: smtp.max-command-line: must be at least 512",
                        ":9: smtp.max-comand-line: no such setting; did you mean max-command-line?");
    }

    @Test
    void tellsAllThatIsWrongAlsoWhereNothingHasADefault() throws Exception {
        assertThat(
                        problems(
                                """
                                hostname = mx.example.org
                                listeners {
                                  smtp { port = 70000, address = nowhere, discard-ehlo-keywords = [X] }
                                }
                                routes = [ { domains = [], to = "ftp://example.org" } ]
                                """))
                .extracting(it -> it.substring(file.toString().length()))
                .satisfiesExactlyInAnyOrder(
                        it -> assertThat(it).startsWith(":3: listeners.smtp.port: must be"),
                        it -> assertThat(it).startsWith(":3: listeners.smtp.address: must be"),
                        it -> assertThat(it).startsWith(":3: listeners.smtp.discard-ehlo-keywords"),
                        it -> assertThat(it).startsWith(":5: routes[0].domains: name at least"),
                        it -> assertThat(it).startsWith(":5: routes[0].to: 'ftp://example.org'"));
    }

    @Test
    void refusesAPortThatIsUsedTwice() throws Exception {
        assertThat(
                        problems(
                                """
                                hostname = mx.example.org
                                routes = []
                                listeners {
                                  a { port = 2525 }
                                  b { port = 2525, address = "0.0.0.0" }
                                  c { port = 2590 }
                                  d { port = 2525, address = "::1" }
                                  e { port = 0 }
                                  f { port = 0 }
                                }
                                jmx { port = 2590 }
                                """))
                .containsExactly(
                        file
                                + ":5: listeners.b.port: port 2525 is taken by listeners.a already:"
                                + " choose another",
                        file
                                + ":11: jmx.port: port 2590 is taken by listeners.c already:"
                                + " choose another");
    }

    @Test
    void refusesACertificateThatIsMissing() throws Exception {
        assertThat(problems(LEAST + "tls { certificate = etc/c.pem, key = etc/k.pem }"))
                .containsExactly(
                        file
                                + ":4: tls.certificate: there is no file to read at "
                                + home.resolve("etc/c.pem"),
                        file
                                + ":4: tls.key: there is no file to read at "
                                + home.resolve("etc/k.pem"));
    }

    @Test
    void refusesFilesOfOutgoingSessionsThatAreMissing() throws Exception {
        assertThat(
                        problems(
                                """
                                hostname = mx.example.org
                                listeners { smtp { port = 2525 } }
                                routes = [ { domains = ["*"], to = "smtp://relay.example",
                                  login { user = mona, password-file = etc/secret } } ]
                                delivery { trusted-certificates = etc/ca.pem }
                                """))
                .containsExactlyInAnyOrder(
                        file
                                + ":4: routes[0].login.password-file: there is no file to read at "
                                + home.resolve("etc/secret"),
                        file
                                + ":5: delivery.trusted-certificates: there is no file to read at "
                                + home.resolve("etc/ca.pem"));
    }

    @Test
    void refusesRoutesThatStayClosedForLongerThanMailLives() throws Exception {
        String text =
                """
                hostname = mx.example.org
                listeners { smtp { port = 2525 } }
                queue { lifetime = 2d }
                routes = [
                  { domains = [one.example], to = mx, windows = ["Mon-Fri 08:00-18:00 UTC"] }
                  { domains = [two.example], to = mx, windows = ["Mon-Fri 08:00-18:00 UTC"],
                    retry { lifetime = 3d } }
                  { domains = ["*"], to = mx, windows = ["22:00-06:00 Europe/Berlin"] }
                ]
                """;
        assertThat(problems(text))
                .containsExactly(
                        file
                                + ":5: routes[0].windows: the route stays closed for 3720 minutes at"
                                + " once, and mail is given up after 2880: expected a longer lifetime"
                                + " (queue.lifetime, or lifetime under retry of the route), or more"
                                + " windows");
    }

    @Test
    void refusesToBeManagedFromOtherMachines() throws Exception {
        assertThat(problems(LEAST + "jmx { address = \"0.0.0.0\" }"))
                .singleElement()
                .asString()
                .contains(":4: jmx.address: must be of this machine only");
    }

    @Test
    void refusesToBeWithoutListeners() throws Exception {
        assertThat(problems("hostname = mx.example.org\nlisteners {}\nroutes = []"))
                .containsExactly(file + ":2: listeners: name at least one");
    }

    @Test
    void namesTheLineOfWrongSyntax() throws Exception {
        assertThat(problems("hostname = mx\nlisteners { smtp { port = 2525 }\n"))
                .singleElement()
                .asString()
                .startsWith(file + ":")
                .contains("end of file");
        assertThat(problems("hostname = ${nowhere}"))
                .singleElement()
                .asString()
                .startsWith(file + ":1: ")
                .contains("${nowhere}");
    }

    @Test
    void saysThatThereIsNoFile() {
        assertThat(problemsOf(home.resolve("etc/none.conf")))
                .containsExactly(home.resolve("etc/none.conf") + ": there is no such file to read");
        assertThat(problemsOf(home.resolve("etc")))
                .singleElement()
                .asString()
                .startsWith(home.resolve("etc").toString());
    }

    @Test
    void printsAConfigurationThatComesToTheSame() throws Exception {
        Configuration first =
                read(LEAST + "plugins = [ { use = limit, inner { text = \"a b\" } } ]\n");
        String printed = first.print();
        assertThat(printed)
                .contains("hostname = \"mx.example.org\"  # " + file + ":1\n")
                .contains("data-directory = \"" + home.resolve("data") + "\"  # default\n")
                .contains("    port = 2525  # " + file + ":2\n")
                .contains("    use = \"limit\"  # " + file + ":4\n")
                .contains("    number = 7  # default\n")
                .contains("      text = \"a b\"  # " + file + ":4\n");
        Configuration second = read(printed);
        assertThat(second.print().replaceAll("  # .*", ""))
                .isEqualTo(printed.replaceAll("  # .*", ""));
    }

    @Test
    void readsTheConfigurationThatComesWithTheServer() throws Exception {
        Path shipped = Path.of("../distribution/src/main/posthorn/etc/posthorn.conf");
        PosthornConfig config = Configuration.settings(home, shipped);
        assertThat(config.listeners()).containsOnlyKeys("smtp");
        assertThat(config.plugins())
                .extracting(PluginConfig::use)
                .containsExactly("relay-domains", "relay-clients");
        assertThat(config.delivery().providers())
                .containsKeys("google", "outlook", "microsoft-365", "yahoo", "gmx", "t-online")
                .allSatisfy((_, limits) -> assertThat(limits.mx()).isNotEmpty());
    }

    @Test
    void whatAnOperatorSaysOfAProviderCountsInsteadOfWhatTheIncludedFileSays() throws Exception {
        Path providers = Path.of("../distribution/src/main/posthorn/etc/providers.conf");
        Files.copy(providers, home.resolve("etc/providers.conf"));
        String text =
                "include \"providers.conf\"\n"
                        + LEAST
                        + "delivery.providers.google.connections = 40\n";
        Map<String, ShapingConfig> limits = read(text).settings().delivery().providers();
        ShapingConfig google = Objects.requireNonNull(limits.get("google"));
        assertThat(google.connections()).contains(40);
        assertThat(google.messagesPerConnection()).contains(50);
    }

    @Test
    void saysWhichLimitMakesNoSenseAndWhere() throws Exception {
        assertThat(
                        problems(
                                LEAST
                                        + """
                                        delivery.shaping = [
                                          { message-rate = often }
                                          { mx = ["*"], replies = [ { then = bounce } ] }
                                        ]
                                        """))
                .anyMatch(it -> it.contains(":5") && it.contains("message-rate"))
                .anyMatch(it -> it.contains(":6") && it.contains("mx"))
                .anyMatch(it -> it.contains(":6") && it.contains("name this or on, or both"));
    }

    private Configuration read(String text) throws IOException, ConfigurationException {
        Files.writeString(file, text);
        return Configuration.read(home, file);
    }

    private List<String> problems(String text) throws IOException {
        Files.writeString(file, text);
        return problemsOf(file);
    }

    private List<String> problemsOf(Path path) {
        ConfigurationException wrong =
                catchThrowableOfType(
                        ConfigurationException.class, () -> Configuration.read(home, path));
        return Stream.ofNullable(wrong)
                .flatMap(it -> it.problems().stream())
                .map(Problem::toString)
                .toList();
    }
}
