package org.posthorn.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.posthorn.api.dns.DnsAnswer;
import org.posthorn.api.dns.RecordType;
import org.posthorn.testkit.InMemoryDns;
import org.posthorn.testkit.ManualClock;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// RFC 8461 §3.3 and §5.1.
class StsPoliciesTest {
    private static final String NAME = "_mta-sts.a.example";

    private final ManualClock clock = ManualClock.atNoon();
    private final InMemoryDns dns = new InMemoryDns();
    private final List<String> fetched = new ArrayList<>();
    private final JournalMap cache = JournalMap.inMemory(10);
    private String served = policy("enforce", "mx.a.example");
    private StsPolicies policies = policies(cache);

    private StsPolicies policies(JournalMap kept) {
        return new StsPolicies(dns, this::fetch, kept, clock);
    }

    private String fetch(String domain) throws IOException {
        fetched.add(domain);
        if (served.isEmpty()) {
            throw new IOException("it answers 503");
        }
        return served;
    }

    private static String policy(String mode, String exchanger) {
        return "version: STSv1\nmode: %s\nmx: %s\nmax_age: 604800\n".formatted(mode, exchanger);
    }

    @BeforeEach
    void publish() {
        publish("1");
    }

    private void publish(String id) {
        dns.answer(NAME, RecordType.TXT, new DnsAnswer.NoRecords())
                .txt(NAME, "v=STSv1; id=" + id + ";");
    }

    private Optional<String> allowed() throws InterruptedException {
        return policies.find("a.example").kept().map(it -> it.policy().exchangers().getFirst());
    }

    @Test
    void fetchesOnceWhatTheDnsAnnounces() throws Exception {
        assertThat(allowed()).contains("mx.a.example");
        assertThat(allowed()).contains("mx.a.example");
        assertThat(fetched).containsExactly("a.example");
    }

    @Test
    void fetchesNothingThatIsNotAnnounced() throws Exception {
        dns.answer(NAME, RecordType.TXT, new DnsAnswer.NoSuchName());
        assertThat(allowed()).isEmpty();
        assertThat(fetched).isEmpty();
    }

    @Test
    void fetchesAnewWhenTheIdChanges() throws Exception {
        allowed();
        publish("2");
        served = policy("enforce", "new.a.example");
        assertThat(allowed()).contains("new.a.example");
        assertThat(fetched).hasSize(2);
    }

    @Test
    void fetchesAnewWhatIsADayOldSoThatItNeverRunsOut() throws Exception {
        allowed();
        clock.advance(Duration.ofDays(1));
        allowed();
        assertThat(fetched).hasSize(2);
        clock.advance(Duration.ofDays(6));
        served = "";
        assertThat(allowed()).contains("mx.a.example");
    }

    @Test
    void keepsWhatItHasWhenTheDnsOrTheHostFailsButNotBeyondItsAge() throws Exception {
        allowed();
        for (DnsAnswer answer :
                List.of(
                        new DnsAnswer.NoSuchName(),
                        new DnsAnswer.NoRecords(),
                        new DnsAnswer.Failed("SERVFAIL"))) {
            dns.answer(NAME, RecordType.TXT, answer);
            assertThat(allowed()).contains("mx.a.example");
        }
        publish("2");
        for (String nothing : List.of("", "<html>")) {
            served = nothing;
            clock.advance(Duration.ofMinutes(5));
            assertThat(allowed()).contains("mx.a.example");
        }
        clock.advance(Duration.ofDays(7));
        assertThat(allowed()).isEmpty();
    }

    @Test
    void doesNotTryAgainAtOnceWhatFailed() throws Exception {
        served = "";
        assertThat(policies.find("a.example").remark())
                .isEqualTo("the policy cannot be fetched: it answers 503");
        allowed();
        assertThat(fetched).hasSize(1);
        clock.advance(Duration.ofMinutes(5));
        served = policy("testing", "mx.a.example");
        assertThat(allowed()).contains("mx.a.example");
        assertThat(fetched).hasSize(2);
    }

    @Test
    void doesNotTryAgainAtOnceWhatFailedThoughTheIdChanges() throws Exception {
        served = "";
        allowed();
        publish("2");
        allowed();
        assertThat(fetched).hasSize(1);
        clock.advance(Duration.ofMinutes(5));
        served = policy("enforce", "mx.a.example");
        assertThat(allowed()).contains("mx.a.example");
    }

    @Test
    void survivesARestart(@TempDir Path directory) throws Exception {
        Path file = directory.resolve("mta-sts");
        try (JournalMap kept = JournalMap.open(file, 10)) {
            policies = policies(kept);
            allowed();
        }
        dns.answer(NAME, RecordType.TXT, new DnsAnswer.Failed("SERVFAIL"));
        try (JournalMap kept = JournalMap.open(file, 10)) {
            policies = policies(kept);
            assertThat(policies.find("a.example").kept())
                    .contains(
                            new StsPolicies.Kept(
                                    "1", StsPolicy.parse(served).orElseThrow(), clock.instant()));
            assertThat(policies.forget("a.example")).isTrue();
            assertThat(allowed()).isEmpty();
        }
        assertThat(fetched).hasSize(1);
    }

    @Test
    void passesOverEntriesThatItDoesNotUnderstand() throws Exception {
        for (String entry : List.of("x", "1 x y", "1 99999999999999999999 y", "1 0 version: x")) {
            cache.put("a.example", entry);
            dns.answer(NAME, RecordType.TXT, new DnsAnswer.NoSuchName());
            assertThat(allowed()).isEmpty();
        }
    }
}
