package org.posthorn.delivery;

import org.posthorn.api.mail.Content;
import org.posthorn.api.mail.DamagedContentException;
import org.posthorn.api.mail.Mailbox;
import org.posthorn.api.mail.MessageId;
import org.posthorn.api.mail.Recipient;
import org.posthorn.api.mail.ReversePath;
import org.posthorn.api.smtp.Reply;
import org.posthorn.queue.Job;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;

/// Final delivery into Maildirs, one per local part below the route's directory. Safe for use by
/// many threads.
///
/// A message is written to `tmp`, synced, renamed into `new`, and the directory synced, before it
/// counts as delivered. It is kept octet for octet, with CRLF line ends, behind a `Return-Path`
/// field (RFC 5321 §4.4). Whatever fails here is ours: the mail waits.
final class MaildirTransport {
    private static final Logger LOG = LoggerFactory.getLogger(MaildirTransport.class);
    private static final String PLAIN = "abcdefghijklmnopqrstuvwxyz0123456789-_+=.";

    private final String hostname;
    private final InstantSource clock;
    private final AtomicLong deliveries = new AtomicLong();

    MaildirTransport(String hostname, InstantSource clock) {
        this.hostname = hostname.replace("/", "\\057").replace(":", "\\072");
        this.clock = clock;
    }

    List<Result> deliver(Job job, Path directory) {
        List<Result> results = new ArrayList<>();
        for (Recipient recipient : job.envelope().recipients()) {
            Path maildir = directory.resolve(name(recipient.mailbox()));
            results.add(
                    Result.of(deliver(job, maildir, recipient), "maildir", maildir.toString())
                            .reaching(Reach.DELIVERED));
        }
        return results;
    }

    private Reply deliver(Job job, Path maildir, Recipient recipient) {
        try {
            write(maildir, job.message(), job.envelope().sender(), job.content());
            return Reply.of(250, "2.0.0", "Delivered to mailbox");
        } catch (DamagedContentException e) {
            LOG.debug("{}: not delivered to {} in {}", job, recipient.mailbox(), maildir, e);
            return Reply.of(451, "4.3.0", "Local error: the content cannot be read");
        } catch (IOException e) {
            LOG.warn("{}: not delivered to {} in {}", job, recipient.mailbox(), maildir, e);
            return Reply.of(451, "4.3.0", "Local error: the mailbox cannot be written");
        }
    }

    /// Returns the directory's name for a local part: in lower case, and with everything but
    /// letters, digits and `-_+=.` as `%` and two hexadecimal digits per octet, as is a dot at the
    /// beginning. So every local part has one name, and no name leads anywhere else.
    static String name(Mailbox mailbox) {
        StringBuilder name = new StringBuilder();
        String folded = mailbox.localPart().toLowerCase(Locale.ROOT);
        for (byte octet : folded.getBytes(StandardCharsets.UTF_8)) {
            boolean plain = PLAIN.indexOf((char) octet) >= 0 && !(octet == '.' && name.isEmpty());
            name.append(plain ? String.valueOf((char) octet) : "%%%02x".formatted(octet & 0xff));
        }
        return name.toString();
    }

    private void write(Path maildir, MessageId message, ReversePath sender, Content content)
            throws IOException {
        Path arrived = directory(maildir.resolve("new"));
        Path temporary = directory(maildir.resolve("tmp"));
        directory(maildir.resolve("cur"));
        Path file = temporary.resolve(unique(message));
        try {
            fill(file, sender, content);
            Files.move(file, arrived.resolve(file.getFileName()), StandardCopyOption.ATOMIC_MOVE);
            sync(arrived);
        } finally {
            Files.deleteIfExists(file);
        }
    }

    /// Makes a directory where there is none; its parents' entries are synced, too.
    private static Path directory(Path path) throws IOException {
        if (!Files.isDirectory(path)) {
            Path parent = path.toAbsolutePath().getParent();
            if (parent != null) {
                directory(parent);
            }
            Files.createDirectories(path);
            if (parent != null) {
                sync(parent);
            }
        }
        return path;
    }

    private static void sync(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    private static void fill(Path file, ReversePath sender, Content content) throws IOException {
        try (FileChannel channel =
                        FileChannel.open(
                                file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
                OutputStream out = Channels.newOutputStream(channel);
                InputStream in = content.open()) {
            out.write(("Return-Path: " + sender + "\r\n").getBytes(StandardCharsets.UTF_8));
            long octets = in.transferTo(out);
            if (octets != content.size()) {
                throw new IOException("the content ended after " + octets + " octets");
            }
            channel.force(true);
        }
    }

    /// Makes a name that no other delivery has: time, process, count, and host, as the Maildir
    /// specification asks.
    private String unique(MessageId message) {
        Instant now = clock.instant();
        return "%d.M%dP%dQ%d_%s.%s"
                .formatted(
                        now.getEpochSecond(),
                        now.getNano() / 1_000,
                        ProcessHandle.current().pid(),
                        deliveries.incrementAndGet(),
                        message,
                        hostname);
    }
}
