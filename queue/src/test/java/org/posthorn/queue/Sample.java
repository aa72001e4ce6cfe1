package org.posthorn.queue;

import org.posthorn.api.intake.Submission;
import org.posthorn.api.mail.Envelope;
import org.posthorn.api.mail.Mailbox;
import org.posthorn.api.mail.Parameters;
import org.posthorn.api.mail.Recipient;
import org.posthorn.api.mail.ReversePath;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;

/// A message of a test, of which all is known from one line of text. Immutable.
///
/// @param token names it: no other has the same
/// @param size its body's octets
/// @param held whether it is submitted to be held
/// @param recipients its recipients, with commas between
record Sample(String token, int size, boolean held, String recipients) {
    private static final String TOKEN = "token";
    private static final String TENANT = "tenant";
    private static final ReversePath SENDER = ReversePath.of(Mailbox.parse("mona@example.org"));
    private static final Map<String, Recipient> PARSED = new ConcurrentHashMap<>();

    static Sample random(String token, RandomGenerator random) {
        int size =
                switch (random.nextInt(40)) {
                    case 0 -> 300_000 + random.nextInt(400_000);
                    case 1, 2 -> 20_000 + random.nextInt(100_000);
                    default -> random.nextInt(4000);
                };
        String[] recipients = new String[1 + random.nextInt(3)];
        for (int i = 0; i < recipients.length; i++) {
            int domain = random.nextBoolean() ? 0 : random.nextInt(6);
            recipients[i] = "r" + i + "@d" + domain + ".example";
        }
        return new Sample(token, size, random.nextInt(20) == 0, String.join(",", recipients));
    }

    /// Makes a bounce of a settlement.
    static Sample bounce(String settlement, RandomGenerator random) {
        return new Sample("b" + settlement, random.nextInt(2000), false, "mona@d1.example");
    }

    /// Reads what [#toString] wrote.
    static Sample of(String text) {
        String[] parts = text.split("/", -1);
        return new Sample(
                parts[0], Integer.parseInt(parts[1]), Boolean.parseBoolean(parts[2]), parts[3]);
    }

    static String token(Job job) {
        return Objects.requireNonNull(job.metadata().get(TOKEN));
    }

    static String tenant(Job job) {
        return Objects.requireNonNull(job.metadata().get(TENANT));
    }

    static String token(Map<String, String> metadata) {
        return Objects.requireNonNull(metadata.get(TOKEN));
    }

    static String words(List<Recipient> recipients) {
        return recipients.stream()
                .map(it -> it.mailbox().toString())
                .collect(Collectors.joining(","));
    }

    Envelope envelope() {
        Envelope envelope = Envelope.from(SENDER, Parameters.NONE.with("ENVID", token));
        for (String recipient : recipients.split(",", -1)) {
            envelope = envelope.to(PARSED.computeIfAbsent(recipient, Sample::parsed));
        }
        return envelope;
    }

    private static Recipient parsed(String recipient) {
        return Recipient.of(Mailbox.parse(recipient));
    }

    Submission submission() {
        return new Submission(
                envelope(),
                Mail.ascii(header()),
                held ? Optional.of("as submitted") : Optional.empty(),
                Map.of(TOKEN, token, TENANT, tenant()));
    }

    /// Returns who answers for it: one of three.
    String tenant() {
        return "t" + Math.floorMod(token.hashCode(), 3);
    }

    private String header() {
        return "Subject: " + token + "\r\n\r\n";
    }

    byte[] body() {
        return Mail.pattern(size, token.hashCode());
    }

    /// Tells whether octets are its whole content.
    boolean is(byte[] content) {
        byte[] header = Mail.ascii(header()).array();
        return content.length == header.length + size
                && Arrays.equals(content, 0, header.length, header, 0, header.length)
                && Arrays.equals(content, header.length, content.length, body(), 0, size);
    }

    /// Returns the line that [#of] reads: one word.
    @Override
    public String toString() {
        return token + "/" + size + "/" + held + "/" + recipients;
    }
}
