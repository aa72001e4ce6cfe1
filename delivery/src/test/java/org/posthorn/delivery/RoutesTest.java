package org.posthorn.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.posthorn.api.mail.Domain;
import org.posthorn.api.mail.Envelope;
import org.posthorn.api.mail.MessageId;
import org.posthorn.queue.Destination;
import org.posthorn.queue.Job;
import org.posthorn.queue.Mark;
import org.posthorn.queue.QueuedMessage;
import org.posthorn.queue.QueuedMessage.QueuedJob;
import org.posthorn.queue.QueuedMessage.State;
import org.posthorn.queue.QueuedMessage.Waiting;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

class RoutesTest {
    private static final Path HOME = Path.of("/opt/posthorn");

    private static RouteConfig route(String to, String... domains) {
        return new RouteConfig(List.of(domains), to);
    }

    private static Optional<Route> find(String domain, RouteConfig... routes) {
        return Routes.of(List.of(routes), HOME, Schedules.USUAL)
                .branches(offered(Mail.to("leo@" + domain)))
                .getFirst()
                .way()
                .map(Way::to);
    }

    private static Job offered(Envelope envelope) {
        return new MemoryQueue().offer(envelope, Mail.content(""), Instant.EPOCH);
    }

    @Test
    void takesTheFirstThatMatches() {
        RouteConfig[] table = {route("hold", "example.org"), route("mx", "*")};

        assertThat(find("example.org", table)).contains(new Route.Hold());
        assertThat(find("EXAMPLE.org", table)).contains(new Route.Hold());
        assertThat(find("sub.example.org", table)).contains(new Route.Mx());
    }

    @Test
    void saysWhereAJobGoes() {
        Routes routes =
                Routes.of(
                        List.of(route("hold", "example.org"), route("mx", "*.org")),
                        HOME,
                        Schedules.USUAL);
        Optional<String> none = Optional.empty();
        assertThat(describe(routes, "example.org", none)).isEqualTo("hold");
        assertThat(describe(routes, "example.org", none, Mark.RELEASED)).isEqualTo("mx");
        assertThat(describe(routes, "example.org", Optional.of("discard"))).isEqualTo("discard");
        assertThat(describe(routes, "a.example.org", none)).isEqualTo("mx");
        assertThat(describe(routes, "example.net", none)).isEqualTo("none");
    }

    private static String describe(
            Routes routes, String domain, Optional<String> route, Mark... marks) {
        Envelope envelope = Mail.to("leo@" + domain);
        var job =
                new QueuedJob(
                        0,
                        new Destination(Domain.parse(domain)),
                        new State.Scheduled(),
                        Instant.EPOCH,
                        0,
                        List.of(new Waiting(envelope.recipients().getFirst(), Optional.empty())),
                        Set.of(marks),
                        route,
                        "",
                        Optional.empty(),
                        List.of());
        var message =
                new QueuedMessage(
                        new MessageId("message1"),
                        envelope,
                        0,
                        Instant.EPOCH,
                        Map.of(),
                        List.of(job));
        return routes.describe(message, job);
    }

    @ParameterizedTest
    @ValueSource(strings = {".example.org", "*.example.org"})
    void matchesAllBelowADomainButNotItself(String pattern) {
        assertThat(find("a.b.example.org", route("hold", pattern))).isPresent();
        assertThat(find("example.org", route("hold", pattern))).isEmpty();
        assertThat(find("badexample.org", route("hold", pattern))).isEmpty();
    }

    private static Instant end(Routes routes, String recipient) {
        Job job = new MemoryQueue().offer(Mail.to(recipient), Mail.content(""), Instant.EPOCH);
        return routes.times(job).end();
    }

    @Test
    void aJobIsTriedAsItsRouteSays() {
        var hour =
                new RetryConfig(
                        Optional.of(Duration.ofHours(1)),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty());
        Routes routes =
                Schedules.routes(
                        new RouteConfig(
                                List.of("alerts.example"),
                                "mx",
                                TlsLevel.MAY,
                                Optional.empty(),
                                Optional.of(hour),
                                List.of(),
                                false),
                        route("mx", "*.example"));

        assertThat(end(routes, "leo@alerts.example")).isEqualTo(Instant.EPOCH.plusSeconds(3_600));
        assertThat(end(routes, "leo@a.example")).isEqualTo(Instant.EPOCH.plus(Duration.ofDays(5)));
        assertThat(end(routes, "leo@nowhere.test"))
                .isEqualTo(Instant.EPOCH.plus(Duration.ofDays(5)));
    }

    @Test
    void matchesInternationalDomainsInEitherForm() {
        assertThat(find("xn--bcher-kva.example", route("mx", "b\u00fccher.example"))).isPresent();
        assertThat(find("b\u00fccher.example", route("mx", "xn--bcher-kva.example"))).isPresent();
    }

    @Test
    void matchesAddressLiteralsByThemselvesAndByTheStar() {
        assertThat(find("[192.0.2.1]", route("mx", "[192.0.2.1]"))).isPresent();
        assertThat(find("[192.0.2.1]", route("mx", "*"))).isPresent();
        assertThat(find("[192.0.2.1]", route("mx", "[192.0.2.2]"))).isEmpty();
    }

    @Test
    void readsServersWithAndWithoutPort() {
        assertThat(find("a.example", route("smtp://relay.example:587", "*")))
                .contains(smtp("relay.example", 587, false));
        assertThat(find("a.example", route("smtp://relay.example", "*")))
                .contains(smtp("relay.example", 25, false));
        assertThat(find("a.example", route("smtps://relay.example", "*")))
                .contains(smtp("relay.example", 465, true));
        assertThat(find("a.example", route("smtps://relay.example:466", "*")))
                .contains(smtp("relay.example", 466, true));
        assertThat(find("a.example", route("smtp://[2001:db8::1]:26", "*")))
                .contains(smtp("2001:db8::1", 26, false));
        assertThat(find("a.example", route("lmtp://127.0.0.1", "*")))
                .contains(new Route.Lmtp(List.of(new HostPort("127.0.0.1", 24))));
    }

    @Test
    void resolvesRelativePathsAgainstTheDirectory() {
        assertThat(find("a.example", route("maildir:data/mail", "*")))
                .contains(new Route.Maildir(HOME.resolve("data/mail")));
        assertThat(find("a.example", route("maildir:/var/mail", "*")))
                .contains(new Route.Maildir(Path.of("/var/mail")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "MX",
                "mx:25",
                "smtp:relay",
                "smtp://",
                "smtp://a:0",
                "smtp://a:65536",
                "smtp://a b",
                "smtp://1.2.3",
                "smtp://[::zz]",
                "lmtp://a:b",
                "maildir:",
                "pipe:cat"
            })
    void refusesWhatIsNoRoute(String to) {
        assertThatThrownBy(() -> route(to, "*"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "exa mple", "*example.org", "a..b", "[1.2.3", "*."})
    void refusesWhatIsNoDomain(String domain) {
        assertThatThrownBy(() -> route("mx", domain))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("domains: '" + domain + "'");
    }

    @Test
    void refusesALoginWhereNobodyLogsIn() {
        var login =
                new LoginConfig("mona", Optional.of(Path.of("secret")), Optional.empty(), false);
        assertThatThrownBy(
                        () -> new RouteConfig(List.of("*"), "mx", TlsLevel.MAY, Optional.of(login)))
                .hasMessageStartingWith("login: only for smtp://");
        assertThatThrownBy(() -> new LoginConfig("mona", Optional.empty(), Optional.empty(), false))
                .hasMessageStartingWith("password-file: ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"mx", "maildir:mail", "hold", "discard"})
    void tellsNobodyButServersThatItNamesWhereMailCameFrom(String to) {
        assertThatThrownBy(
                        () ->
                                new RouteConfig(
                                        List.of("*"),
                                        to,
                                        TlsLevel.MAY,
                                        Optional.empty(),
                                        Optional.empty(),
                                        List.of(),
                                        true))
                .hasMessage("send-xforward: only for smtp://, smtps:// and lmtp://, not " + to);
    }

    @Test
    void refusesTlsThatIsNone() {
        assertThatThrownBy(
                        () ->
                                new RouteConfig(
                                        List.of("*"),
                                        "smtps://relay.example",
                                        TlsLevel.NONE,
                                        Optional.empty()))
                .hasMessageStartingWith("tls: none");
    }

    @Test
    void refusesARouteForNobody() {
        assertThatThrownBy(() -> route("mx")).hasMessageContaining("name at least one");
    }

    private static Route smtp(String host, int port, boolean implicitTls) {
        return new Route.Smtp(List.of(new HostPort(host, port)), implicitTls);
    }
}
