package org.posthorn.integration;

import static org.assertj.core.api.Assertions.assertThat;

import org.posthorn.integration.Load.Answer;
import org.posthorn.integration.Load.Sent;
import org.posthorn.integration.harness.Arrived;
import org.posthorn.integration.harness.Maildir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What arrived of a [Load] in one domain: number → when.
///
/// @param domain whose mail it is
/// @param arrivals ascending
record Deliveries(String domain, Map<Integer, List<FileTime>> arrivals) {
    private static final Pattern NUMBER = Pattern.compile("(?m)^Subject: number (\\d+)$");

    /// Reads all mail of a domain, and insists that each message is whole.
    static Deliveries in(String domain, Maildir mail) throws IOException {
        var arrivals = new TreeMap<Integer, List<FileTime>>();
        for (Path file : mail.files()) {
            var arrived = Arrived.in(Files.readAllBytes(file));
            Matcher number = NUMBER.matcher(arrived.text());
            assertThat(number.find()).as("%s has a number", file).isTrue();
            int found = Integer.parseInt(number.group(1));
            assertThat(arrived.withoutTrace()).as("%s", file).isEqualTo(Load.content(found));
            arrivals.computeIfAbsent(found, _ -> new ArrayList<>())
                    .add(Files.getLastModifiedTime(file));
        }
        return new Deliveries(domain, arrivals);
    }

    /// Insists that all that was accepted is here, and nothing that was refused.
    void assertAsPromised(List<Sent> sent) {
        for (Sent message : sent) {
            boolean here = arrivals.containsKey(message.number());
            boolean meant = message.recipients().stream().anyMatch(it -> it.endsWith(domain));
            if (message.answer() == Answer.ACCEPTED && meant) {
                assertThat(here).as("%s arrives at %s", message, domain).isTrue();
            }
            if (message.answer() == Answer.REFUSED || !meant) {
                assertThat(here).as("%s arrives at %s", message, domain).isFalse();
            }
        }
    }

    /// Tells whether all that was accepted for this domain is here.
    static boolean complete(List<Sent> sent, String domain, Maildir mail) {
        long promised =
                sent.stream()
                        .filter(message -> message.answer() == Answer.ACCEPTED)
                        .filter(it -> it.recipients().stream().anyMatch(to -> to.endsWith(domain)))
                        .count();
        return mail.files().size() >= promised;
    }

    /// Returns how many arrivals were one too many, and insists that a kill explains each: delivery
    /// is at least once, so a message comes twice only when the server died between handing it
    /// over and writing that down.
    ///
    /// @param kills when the server was killed
    /// @param slack how long a copy may be under way after the kill that it is due to
    int explainedDuplicates(List<FileTime> kills, Duration slack) {
        int duplicates = 0;
        for (Map.Entry<Integer, List<FileTime>> entry : arrivals.entrySet()) {
            List<FileTime> times = entry.getValue();
            for (int i = 1; i < times.size(); i++) {
                FileTime latest = FileTime.from(times.get(i).toInstant());
                FileTime earliest = FileTime.from(times.get(i - 1).toInstant().minus(slack));
                assertThat(kills)
                        .as("number %s came to %s at %s", entry.getKey(), domain, times)
                        .anyMatch(it -> it.compareTo(earliest) >= 0 && it.compareTo(latest) <= 0);
                duplicates++;
            }
        }
        return duplicates;
    }
}
