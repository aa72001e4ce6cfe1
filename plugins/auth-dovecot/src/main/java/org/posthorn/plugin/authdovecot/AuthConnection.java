package org.posthorn.plugin.authdovecot;

import java.io.BufferedReader;
import java.io.EOFException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

/// A connection to Dovecot, in version 1 of its authentication protocol. Safe for use by many
/// threads: requests have numbers, one thread hands out what is answered, and one writes. Whoever
/// asks may be interrupted, and an interrupted thread that wrote would close the channel for all.
final class AuthConnection {
    private static final int HANDSHAKE_SECONDS = 5;
    private static final int MAX_ID = 999_999_999;
    private static final int MAX_UNSENT = 1024;

    private final SocketChannel channel;
    private final BlockingQueue<String> unsent = new LinkedBlockingQueue<>(MAX_UNSENT);
    private final Thread writer =
            Thread.ofVirtual().name("auth-dovecot-write").unstarted(this::send);
    private final AtomicInteger lastId = new AtomicInteger();
    private final Map<Integer, CompletableFuture<AuthReply>> waiting = new ConcurrentHashMap<>();
    private final CompletableFuture<Set<String>> handshake = new CompletableFuture<>();
    private volatile boolean open = true;

    private AuthConnection(SocketChannel channel) {
        this.channel = channel;
    }

    /// Connects, and waits for Dovecot to say what it can do.
    ///
    /// @throws IOException when it cannot be reached, or speaks another protocol
    static AuthConnection open(Path socket) throws IOException {
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        AuthConnection connection = new AuthConnection(channel);
        try {
            channel.connect(UnixDomainSocketAddress.of(socket));
            Thread.ofVirtual().name("auth-dovecot").start(connection::read);
            connection.writer.start();
            connection.write("VERSION\t1\t2\nCPID\t" + ProcessHandle.current().pid());
            connection.handshake.get(HANDSHAKE_SECONDS, TimeUnit.SECONDS);
            return connection;
        } catch (IOException e) {
            connection.close();
            throw e;
        } catch (ExecutionException e) {
            connection.close();
            throw new IOException(e.getCause() == null ? e : e.getCause());
        } catch (TimeoutException e) {
            connection.close();
            throw new IOException("no greeting within " + HANDSHAKE_SECONDS + " s", e);
        } catch (InterruptedException e) {
            connection.close();
            throw interrupted();
        }
    }

    private static InterruptedIOException interrupted() {
        Thread.currentThread().interrupt();
        return new InterruptedIOException("no time is left");
    }

    boolean isOpen() {
        return open;
    }

    /// Returns the mechanisms that Dovecot has said.
    Set<String> mechanisms() {
        return handshake.resultNow();
    }

    /// Takes a number for a request.
    Asking begin() {
        return new Asking(this, lastId.updateAndGet(id -> id == MAX_ID ? 1 : id + 1));
    }

    /// A request with its number, and what may follow it.
    record Asking(AuthConnection connection, int id) {
        /// Sends a line about it, and waits for the answer.
        ///
        /// @throws IOException when the connection breaks
        AuthReply ask(String line) throws IOException {
            return connection.ask(id, line);
        }

        /// Tells Dovecot that nobody waits for it any more.
        void cancel() {
            connection.cancel(id);
        }
    }

    private AuthReply ask(int id, String line) throws IOException {
        CompletableFuture<AuthReply> answer = new CompletableFuture<>();
        waiting.put(id, answer);
        try {
            if (!open) {
                throw new EOFException("Dovecot has closed the connection");
            }
            write(line);
            return answer.get();
        } catch (ExecutionException e) {
            throw new IOException(e.getCause() == null ? e : e.getCause());
        } catch (InterruptedException e) {
            throw interrupted();
        } finally {
            waiting.remove(id);
        }
    }

    private void cancel(int id) {
        try {
            write("CANCEL\t" + id);
        } catch (IOException e) {
            fail(e);
        }
    }

    private void write(String line) throws IOException {
        if (!unsent.offer(line)) {
            IOException stuck = new IOException("Dovecot does not read what it is asked");
            fail(stuck);
            throw stuck;
        }
    }

    private void send() {
        try {
            while (open) {
                String line = unsent.take() + '\n';
                ByteBuffer octets = ByteBuffer.wrap(line.getBytes(StandardCharsets.UTF_8));
                while (octets.hasRemaining()) {
                    channel.write(octets);
                }
            }
        } catch (IOException | InterruptedException e) {
            fail(e);
        }
    }

    private void read() {
        Set<String> mechanisms = new TreeSet<>();
        try (BufferedReader lines =
                new BufferedReader(Channels.newReader(channel, StandardCharsets.UTF_8))) {
            String line = lines.readLine();
            while (line != null) {
                take(line, mechanisms);
                line = lines.readLine();
            }
            fail(new EOFException("Dovecot has closed the connection"));
        } catch (IOException | RuntimeException e) {
            fail(e);
        }
    }

    private void take(String line, Set<String> mechanisms) throws IOException {
        String[] words = line.split("\t", -1);
        switch (words[0]) {
            case "VERSION" -> {
                if (words.length < 2 || !words[1].equals("1")) {
                    throw new IOException("Dovecot speaks another protocol: " + line);
                }
            }
            case "MECH" -> {
                if (words.length > 1) {
                    mechanisms.add(words[1].toUpperCase(Locale.ROOT));
                }
            }
            case "DONE" -> handshake.complete(serve(mechanisms));
            default ->
                    AuthReply.parse(line)
                            .ifPresent(
                                    reply -> {
                                        var answer = waiting.get(reply.id());
                                        if (answer != null) {
                                            answer.complete(reply);
                                        }
                                    });
        }
    }

    /// What is bound to TLS, Dovecot cannot know anything of; and it needs no help of ours with
    /// nobody.
    private static Set<String> serve(Set<String> mechanisms) {
        Set<String> served = new TreeSet<>(mechanisms);
        served.removeIf(it -> it.endsWith("-PLUS") || it.equals("ANONYMOUS"));
        return Set.copyOf(served);
    }

    private void fail(Exception why) {
        open = false;
        handshake.completeExceptionally(why);
        waiting.values().forEach(answer -> answer.completeExceptionally(why));
        close();
    }

    void close() {
        open = false;
        writer.interrupt();
        try {
            channel.close();
        } catch (IOException e) {
            // Nothing is left to be lost.
            return;
        }
    }
}
