package org.posthorn.server.transfer;

import org.posthorn.api.event.MailEvent;
import org.posthorn.api.event.MailObserver;
import org.posthorn.api.mail.Content;
import org.posthorn.api.mail.MessageId;
import org.posthorn.queue.Operation;
import org.posthorn.queue.PortableMessage;
import org.posthorn.queue.RocksQueue;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Consumer;

/// Takes messages from files into a queue.
///
/// @param queue where to
/// @param route refuses what mail cannot be sent to
/// @param observer is told of each message
/// @param clock what time it is
/// @param largest how many octets content may have
public record Import(
        RocksQueue queue,
        Consumer<String> route,
        MailObserver observer,
        InstantSource clock,
        long largest) {
    private static final int LARGEST_ENVELOPE = 16 << 20;

    /// Mail of a server whose clock goes before is taken, within reason.
    private static final Duration AHEAD = Duration.ofDays(1);

    /// Takes them in, each whole or not at all.
    ///
    /// @param from a directory, an archive, or one of the two files of a message
    /// @param renamed whether all get new ids
    /// @param by who does it
    /// @param account is told how far it is, and what is refused
    /// @throws IOException when no more can be found or taken in; the message says why
    public void run(Path from, boolean renamed, Operation.By by, Account account)
            throws IOException {
        Source.at(from)
                .each(
                        new Source.Taker() {
                            @Override
                            public void take(String name, Content envelope, Content content)
                                    throws IOException {
                                one(name, envelope, content, renamed, by, account);
                            }

                            @Override
                            public void refuse(String what) {
                                account.refuse(what);
                            }
                        });
    }

    private void one(
            String name,
            Content envelope,
            Content content,
            boolean renamed,
            Operation.By by,
            Account account)
            throws IOException {
        try {
            PortableMessage message = read(envelope, content);
            Optional<MessageId> id = queue.bringIn(message, content, renamed, by);
            if (id.isEmpty()) {
                account.refuse(
                        name
                                + ": there is a message "
                                + message.id()
                                + " already: --new-ids would take it in as another");
                return;
            }
            account.done(message.jobs().size(), content.size());
            if (!id.get().equals(message.id())) {
                account.say(name + ": is " + id.get() + " here");
            }
            observer.tell(
                    new MailEvent.Operated(
                            clock.instant(),
                            id.get(),
                            "import",
                            message.id().text(),
                            by.who(),
                            by.why(),
                            message.jobs().size()));
        } catch (UncheckedIOException e) {
            throw new IOException(name + ": " + reason(e), e);
        } catch (IllegalArgumentException | IOException e) {
            account.refuse(name + ": " + e.getMessage());
        }
    }

    private static String reason(UncheckedIOException e) {
        Throwable cause = e.getCause();
        return String.valueOf(cause == null ? e.getMessage() : cause.getMessage());
    }

    private PortableMessage read(Content envelope, Content content) throws IOException {
        if (envelope.size() > LARGEST_ENVELOPE) {
            throw new IllegalArgumentException(
                    "its envelope has %d octets: expected at most %d"
                            .formatted(envelope.size(), LARGEST_ENVELOPE));
        }
        if (content.size() > largest) {
            throw new IllegalArgumentException(
                    "its content has %d octets: expected at most %d, as message.max-size says"
                            .formatted(content.size(), largest));
        }
        EnvelopeReader.Read read;
        try (InputStream in = envelope.open()) {
            read = EnvelopeReader.read(in.readAllBytes());
        }
        if (read.size().orElse(content.size()) != content.size()) {
            throw new IllegalArgumentException(
                    "size: its content has %d octets, and must have %d; leave size out where it was"
                                    .formatted(content.size(), read.size().getAsLong())
                            + " changed on purpose");
        }
        if (read.message().acceptedAt().isAfter(clock.instant().plus(AHEAD))) {
            throw new IllegalArgumentException(
                    "accepted: " + read.message().acceptedAt() + " is more than a day ahead");
        }
        read.message().jobs().stream().flatMap(it -> it.route().stream()).forEach(this::check);
        return read.message();
    }

    private void check(String to) {
        try {
            route.accept(to);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("route of a job: " + e.getMessage(), e);
        }
    }
}
