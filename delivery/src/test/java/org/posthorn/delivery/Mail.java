package org.posthorn.delivery;

import org.posthorn.api.mail.Content;
import org.posthorn.api.mail.Envelope;
import org.posthorn.api.mail.Mailbox;
import org.posthorn.api.mail.Parameters;
import org.posthorn.api.mail.Recipient;
import org.posthorn.api.mail.ReversePath;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Random;

/// Mail for tests.
final class Mail {
    private Mail() {}

    static Envelope to(String... recipients) {
        return from(ReversePath.of(Mailbox.parse("mona@sender.example")), recipients);
    }

    static Envelope from(ReversePath sender, String... recipients) {
        Envelope envelope = Envelope.from(sender, Parameters.NONE);
        for (String recipient : recipients) {
            envelope = envelope.to(Recipient.of(Mailbox.parse(recipient)));
        }
        return envelope;
    }

    /// Makes what writes the reports of `us.example`.
    static Reports reports(long seed) {
        return new Reports(
                "us.example",
                Templates.of(BouncesConfig.STANDARD),
                BouncesConfig.STANDARD.maxOriginal().bytes(),
                new Random(seed));
    }

    static Content content(String text) {
        byte[] octets = text.getBytes(StandardCharsets.UTF_8);
        return new Content() {
            @Override
            public long size() {
                return octets.length;
            }

            @Override
            public InputStream open() {
                return new ByteArrayInputStream(octets);
            }
        };
    }
}
