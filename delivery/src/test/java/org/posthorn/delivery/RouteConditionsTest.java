package org.posthorn.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.posthorn.api.mail.Envelope;
import org.posthorn.api.mail.Mailbox;
import org.posthorn.api.mail.ReversePath;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Whom routes are for, beyond their domains.
class RouteConditionsTest {
    private static final List<String> ALL = List.of();

    private static RouteConfig route(String to, RouteConditions when) {
        return new RouteConfig(
                List.of("*"),
                to,
                TlsLevel.MAY,
                Optional.empty(),
                Optional.empty(),
                List.of(),
                false,
                List.of(),
                Optional.of(when));
    }

    private static RouteConfig route(
            String to,
            List<String> recipients,
            List<String> senders,
            List<String> listeners,
            List<String> metadata) {
        return route(to, new RouteConditions(recipients, senders, listeners, metadata));
    }

    /// Returns where each recipient's mail goes.
    private static Map<List<Integer>, String> ways(
            Envelope envelope, Map<String, String> metadata, RouteConfig... table) {
        var job = new MemoryQueue().offer(envelope, Mail.content(""), Instant.EPOCH, metadata);
        var ways = new LinkedHashMap<List<Integer>, String>();
        for (Routes.Branch branch : Schedules.routes(table).branches(job)) {
            String to = branch.way().map(it -> it.to().getClass().getSimpleName()).orElse("none");
            ways.put(branch.recipients(), to);
        }
        return ways;
    }

    private static boolean matches(
            RouteConfig route, Envelope envelope, Map<String, String> facts) {
        return !ways(envelope, facts, route).containsValue("none");
    }

    @ParameterizedTest
    @CsvSource({
        "leo@example.org, leo@example.org, true",
        "leo@example.org, LEO@example.ORG, true",
        "leo@example.org, mona@example.org, false",
        "*@example.org, mona@example.org, true",
        "*@example.org, mona@a.example.org, false",
        "*@*.example.org, mona@a.example.org, true",
        "list-*@*, list-42@example.net, true",
        "list-*@*, list@example.net, false",
        "*+spam@example.org, leo+spam@example.org, true",
        "a*a@example.org, a@example.org, false",
        "a*a@example.org, aa@example.org, true",
        "<>, leo@example.org, false",
    })
    void aRouteIsForRecipients(String pattern, String recipient, boolean matches) {
        var route = route("discard", List.of(pattern), ALL, ALL, ALL);

        assertThat(matches(route, Mail.to(recipient), Map.of())).isEqualTo(matches);
    }

    @Test
    void recipientsOfOneDomainMayGoDifferentWays() {
        Envelope envelope = Mail.to("leo@a.example", "postmaster@a.example", "ada@a.example");

        assertThat(
                        ways(
                                envelope,
                                Map.of(),
                                route("hold", List.of("postmaster@*"), ALL, ALL, ALL),
                                new RouteConfig(List.of("*"), "discard")))
                .containsExactly(
                        Map.entry(List.of(0, 2), "Discard"), Map.entry(List.of(1), "Hold"));
    }

    @Test
    void aRouteIsForSenders() {
        var route = route("discard", ALL, List.of("*@acme.example", "<>"), ALL, ALL);

        assertThat(matches(route, from("mona@acme.example"), Map.of())).isTrue();
        assertThat(matches(route, from("mona@other.example"), Map.of())).isFalse();
        assertThat(matches(route, Mail.from(ReversePath.NULL, "leo@a.example"), Map.of())).isTrue();
    }

    private static Envelope from(String sender) {
        return Mail.from(ReversePath.of(Mailbox.parse(sender)), "leo@a.example");
    }

    @Test
    void aRouteIsForListenersAndFacts() {
        Envelope envelope = Mail.to("leo@a.example");
        var listener = route("discard", ALL, ALL, List.of("submission"), ALL);
        var tenant = route("discard", ALL, ALL, ALL, List.of("tenant=acme", "authenticated=*"));

        assertThat(matches(listener, envelope, Map.of("listener", "submission"))).isTrue();
        assertThat(matches(listener, envelope, Map.of("listener", "smtp"))).isFalse();
        assertThat(matches(listener, envelope, Map.of())).isFalse();
        assertThat(matches(tenant, envelope, Map.of("tenant", "ACME", "authenticated", "mona")))
                .isTrue();
        assertThat(matches(tenant, envelope, Map.of("tenant", "acme"))).isFalse();
        assertThat(matches(tenant, envelope, Map.of("tenant", "b", "authenticated", "mona")))
                .isFalse();
    }

    @Test
    void allConditionsMustHold() {
        var route =
                route("discard", List.of("leo@*"), List.of("*@acme.example"), ALL, List.of("a=b"));

        assertThat(matches(route, from("mona@acme.example"), Map.of("a", "b"))).isTrue();
        assertThat(matches(route, from("mona@acme.example"), Map.of())).isFalse();
        assertThat(matches(route, from("mona@other.example"), Map.of("a", "b"))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"leo", "@example.org", "leo@", "*a*@example.org", "leo@exa mple"})
    void refusesWhatIsNoAddress(String pattern) {
        assertThatThrownBy(() -> new RouteConditions(List.of(pattern), ALL, ALL, ALL))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("recipients: '" + pattern + "'");
    }

    @ParameterizedTest
    @ValueSource(strings = {"tenant", "=acme", "tenant="})
    void refusesWhatIsNoFact(String fact) {
        assertThatThrownBy(() -> new RouteConditions(ALL, ALL, ALL, List.of(fact)))
                .hasMessageContaining("metadata: '" + fact + "'");
    }
}
