package org.posthorn.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.posthorn.api.dns.DnsAnswer;
import org.posthorn.api.dns.DnsRecord.Mx;
import org.posthorn.api.dns.RecordType;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

class FakesTest {
    @Test
    void theClockGoesOnWhenItIsTold() {
        ManualClock clock = ManualClock.atNoon();
        clock.advance(Duration.ofHours(1));
        assertThat(clock.instant()).isEqualTo(Instant.parse("2026-01-01T13:00:00Z"));
    }

    @Test
    void theDnsKnowsWhatItWasGiven() {
        InMemoryDns dns =
                new InMemoryDns()
                        .mx("Example.org", 10, "a.example.org")
                        .mx("example.org", 20, "b.example.org")
                        .address("a.example.org", "192.0.2.1")
                        .answer("broken.example", RecordType.A, new DnsAnswer.Failed("SERVFAIL"));
        assertThat(dns.lookup("EXAMPLE.org.", RecordType.MX))
                .isEqualTo(
                        new DnsAnswer.Found(
                                "example.org",
                                List.of(new Mx(10, "a.example.org"), new Mx(20, "b.example.org")),
                                false));
        assertThat(dns.lookup("a.example.org", RecordType.AAAA))
                .isEqualTo(new DnsAnswer.NoRecords());
        assertThat(dns.lookup("nowhere.example", RecordType.A))
                .isEqualTo(new DnsAnswer.NoSuchName());
        assertThat(dns.lookup("broken.example", RecordType.A))
                .isEqualTo(new DnsAnswer.Failed("SERVFAIL"));
    }
}
