package org.posthorn.delivery;

import org.posthorn.api.mail.Recipient;
import org.posthorn.api.smtp.Reply;
import org.posthorn.queue.Job;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/// Final delivery to a program, once per recipient: the message is its standard input, with LF line
/// ends and behind a `Return-Path` field, and its exit status is the outcome ([ExitStatus]). Safe
/// for use by many threads; each call blocks its own.
///
/// The program has no other environment than a path, and `SENDER` and `RECIPIENT`. One that takes
/// too long is killed with all that it began, and the mail waits.
///
/// @param timeout how long a program may take
record PipeTransport(Duration timeout) {
    private static final Logger LOG = LoggerFactory.getLogger(PipeTransport.class);
    private static final String PATH = "/usr/local/bin:/usr/bin:/bin";
    private static final String NOBODY = "MAILER-DAEMON";
    private static final int MOST_SAID = 1024;
    private static final Duration HEARING = Duration.ofMillis(20);
    private static final Reply STOPPED = Reply.of(451, "4.3.2", "The server stops");

    List<Result> deliver(Job job, PipeCommand command) throws InterruptedException {
        List<Result> results = new ArrayList<>();
        boolean stopped = false;
        for (Recipient recipient : job.envelope().recipients()) {
            Reply reply = STOPPED;
            try {
                reply = stopped ? STOPPED : deliver(job, command, recipient);
            } catch (InterruptedException e) {
                if (results.isEmpty()) {
                    throw e;
                }
                // What was delivered to the others stands.
                stopped = true;
            }
            results.add(Result.of(reply, "pipe", command.program()).reaching(Reach.DELIVERED));
        }
        return results;
    }

    private Reply deliver(Job job, PipeCommand command, Recipient recipient)
            throws InterruptedException {
        String sender = job.envelope().sender().mailbox().map(Object::toString).orElse(NOBODY);
        Map<String, String> values =
                Map.of(
                        "sender", sender,
                        "recipient", recipient.mailbox().toString(),
                        "user", recipient.mailbox().localPart(),
                        "domain", recipient.mailbox().domain().toString(),
                        "queue_id", job.message().toString());
        List<String> words;
        try {
            words = command.with(values);
        } catch (IllegalArgumentException e) {
            return Reply.of(
                    553, "5.1.3", "Not given to " + command.program() + ": " + e.getMessage());
        }
        var builder = new ProcessBuilder(words).redirectErrorStream(true);
        builder.environment().clear();
        builder.environment()
                .putAll(
                        Map.of(
                                "PATH",
                                PATH,
                                "SENDER",
                                sender,
                                "RECIPIENT",
                                values.get("recipient")));
        try {
            return run(job, command, builder.start());
        } catch (IOException e) {
            LOG.error("{}: {} cannot be run", job, command.program(), e);
            return Reply.of(451, "4.3.5", "Local error: the program cannot be run");
        }
    }

    /// Pipes block a whole thread of the system, so threads of the system feed and hear it. What
    /// the program leaves behind may keep its output open: that is not waited for.
    private Reply run(Job job, PipeCommand command, Process process) throws InterruptedException {
        try {
            CompletableFuture<Boolean> fed = on("feed", () -> feed(job, process));
            CompletableFuture<String> said = on("hear", () -> hear(process));
            if (!process.waitFor(timeout.toNanos(), TimeUnit.NANOSECONDS)) {
                String why = command.program() + " takes longer than " + timeout.toSeconds() + " s";
                return Reply.of(451, "4.3.0", "Local error: " + why);
            }
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            int status = process.exitValue();
            if (status == 0 && !fed.completeOnTimeout(false, 1, TimeUnit.SECONDS).join()) {
                LOG.warn("{}: {} did not read all of the message", job, command.program());
            }
            return ExitStatus.reply(status, command.program(), said.join());
        } catch (CompletionException e) {
            LOG.error("{}: the message cannot be read for {}", job, command.program(), e);
            return Reply.of(451, "4.3.0", "Local error: the message cannot be read");
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
    }

    private static <T> CompletableFuture<T> on(String what, Supplier<T> work) {
        CompletableFuture<T> result = new CompletableFuture<>();
        Thread.ofPlatform()
                .daemon()
                .name("pipe-" + what)
                .start(
                        () -> {
                            try {
                                result.complete(work.get());
                            } catch (RuntimeException e) {
                                result.completeExceptionally(e);
                            }
                        });
        return result;
    }

    /// Writes the message.
    ///
    /// @return whether the program took all of it
    private static boolean feed(Job job, Process process) {
        try (InputStream content = job.content().open()) {
            return feed(job, process, content);
        } catch (IOException e) {
            process.destroyForcibly();
            throw new CompletionException(e);
        }
    }

    private static boolean feed(Job job, Process process, InputStream content) throws IOException {
        byte[] block = new byte[32 * 1024];
        boolean carriageReturn = false;
        try (OutputStream out = new BufferedOutputStream(process.getOutputStream(), block.length)) {
            String first = "Return-Path: " + job.envelope().sender() + "\n";
            if (!took(() -> out.write(first.getBytes(StandardCharsets.UTF_8)))) {
                return false;
            }
            for (int count = content.read(block); count >= 0; count = content.read(block)) {
                int length = count;
                boolean before = carriageReturn;
                if (!took(() -> unixLines(block, length, before, out))) {
                    return false;
                }
                carriageReturn = count > 0 ? block[count - 1] == '\r' : before;
            }
            boolean last = carriageReturn;
            return took(
                    () -> {
                        if (last) {
                            out.write('\r');
                        }
                        out.flush();
                    });
        } catch (IOException e) {
            // Closing flushes what the program did not want.
            LOG.debug("{}: {}", job, e.getMessage());
            return false;
        }
    }

    @FunctionalInterface
    private interface Writing {
        void run() throws IOException;
    }

    /// A program that ends before it has read everything is no fault by itself: its exit status
    /// says what it thinks of it.
    private static boolean took(Writing writing) {
        try {
            writing.run();
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /// Writes a block without the CRs that stand before an LF.
    ///
    /// @param before whether the last block ended with a CR, which is not written yet
    private static void unixLines(byte[] block, int length, boolean before, OutputStream out)
            throws IOException {
        boolean waiting = before;
        for (int i = 0; i < length; i++) {
            if (waiting && block[i] != '\n') {
                out.write('\r');
            }
            waiting = block[i] == '\r';
            if (!waiting) {
                out.write(block[i]);
            }
        }
    }

    /// Returns the first of what the program says, and lets it say the rest. It looks, and does not
    /// wait: what the program has left behind may keep the pipe open for ever.
    private static String hear(Process process) {
        var said = new ByteArrayOutputStream();
        byte[] block = new byte[8 * 1024];
        try (InputStream in = process.getInputStream()) {
            while (true) {
                boolean ended = !process.isAlive();
                int some = Math.min(block.length, in.available());
                if (some > 0) {
                    int count = Math.max(0, in.read(block, 0, some));
                    said.write(block, 0, Math.min(count, MOST_SAID - said.size()));
                } else if (ended) {
                    return said.toString(StandardCharsets.UTF_8);
                } else {
                    process.waitFor(HEARING.toMillis(), TimeUnit.MILLISECONDS);
                }
            }
        } catch (IOException e) {
            return said.toString(StandardCharsets.UTF_8);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return said.toString(StandardCharsets.UTF_8);
        }
    }
}
