package org.posthorn.testkit.remote;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;

import javax.net.ssl.SSLContext;

/// A script that behaves: an SMTP or LMTP server that takes mail, with chosen extensions and
/// answers. Set it up before it is played; what it got is safe to ask from other threads.
public final class MailSink implements ScriptedRemote.Script {

    /// A message that arrived.
    ///
    /// @param mail the `MAIL` command
    /// @param rcpt the `RCPT` commands that were accepted
    /// @param content its octets, one character each (ISO 8859-1)
    /// @param secured whether it came through TLS
    public record Arrived(String mail, List<String> rcpt, String content, boolean secured) {
        /// Copies the list.
        public Arrived {
            rcpt = List.copyOf(rcpt);
        }
    }

    private final BlockingQueue<Arrived> arrived = new LinkedBlockingQueue<>();
    private List<String> extensions = List.of("PIPELINING", "8BITMIME", "SMTPUTF8");
    private UnaryOperator<String> rcpt = _ -> "250 2.1.5 Ok";
    private UnaryOperator<String> end = _ -> "250 2.0.0 Taken";
    private @Nullable SSLContext tls;
    private boolean lmtp;
    private boolean implicit;
    private @Nullable Login login;
    private List<String> mechanisms = List.of();

    /// Logs a client in: is given the line with `AUTH`, says and hears what it needs, up to the
    /// final reply.
    @FunctionalInterface
    public interface Login {
        /// Plays the exchange.
        void play(RemoteConnection client, String line) throws IOException;
    }

    /// Makes an SMTP server that offers PIPELINING, 8BITMIME and SMTPUTF8, and takes all mail.
    public MailSink() {}

    /// Offers these extensions and no others.
    public MailSink offering(String... keywords) {
        extensions = List.of(keywords);
        return this;
    }

    /// Offers `STARTTLS` besides, with this context.
    public MailSink secured(SSLContext context) {
        tls = context;
        return this;
    }

    /// Begins TLS with the connection, with this context.
    public MailSink securedAtOnce(SSLContext context) {
        tls = context;
        implicit = true;
        return this;
    }

    /// Offers `AUTH`, and answers it so.
    public MailSink loggingIn(Login exchange, String... offered) {
        login = exchange;
        mechanisms = List.of(offered);
        return this;
    }

    /// Answers `RCPT` by a function of the command.
    public MailSink answering(UnaryOperator<String> toRcpt) {
        rcpt = toRcpt;
        return this;
    }

    /// Answers the end of the content by a function of a recipient's command: the first one's in
    /// SMTP, each one's in LMTP, and in SMTP where the client asked for `PRDR`.
    public MailSink ending(UnaryOperator<String> toContent) {
        end = toContent;
        return this;
    }

    /// Speaks LMTP.
    public MailSink lmtp() {
        lmtp = true;
        return this;
    }

    /// Waits for a message, up to 30 seconds.
    ///
    /// @throws AssertionError when none arrives
    public Arrived next() throws InterruptedException {
        Arrived message = arrived.poll(30, TimeUnit.SECONDS);
        if (message == null) {
            throw new AssertionError("no message arrived in 30 seconds");
        }
        return message;
    }

    /// Returns how many messages have arrived and were not asked for yet.
    public int waiting() {
        return arrived.size();
    }

    @Override
    public void play(RemoteConnection client) throws IOException {
        boolean secured = implicit;
        if (implicit && tls != null) {
            client.secure(tls);
        }
        client.say("220 sink.example " + (lmtp ? "LMTP" : "ESMTP"));
        String mail = "";
        String chunks = "";
        List<String> accepted = new ArrayList<>();
        while (true) {
            String line = client.hear();
            switch (verb(line)) {
                case "EHLO", "LHLO" -> hello(client, secured);
                case "STAR" -> secured = secure(client);
                case "MAIL" -> {
                    mail = line;
                    chunks = "";
                    accepted.clear();
                    client.say("250 2.1.0 Ok");
                }
                case "RCPT" -> {
                    String reply = rcpt.apply(line);
                    if (reply.startsWith("2")) {
                        accepted.add(line);
                    }
                    client.say(reply);
                }
                case "DATA" -> content(client, mail, accepted, secured);
                case "BDAT" -> {
                    String[] words = line.split(" ", -1);
                    chunks += client.hearOctets(Integer.parseInt(words[1]));
                    if (accepted.isEmpty()) {
                        client.say("503 5.5.1 No valid recipients");
                    } else if (words.length > 2) {
                        take(client, new Arrived(mail, accepted, chunks, secured));
                    } else {
                        client.say("250 2.0.0 Go on");
                    }
                }
                case "AUTH" -> logIn(client, line);
                case "XFOR" ->
                        client.say(
                                extensions.stream().anyMatch(it -> it.startsWith("XFORWARD "))
                                        ? "250 2.0.0 Ok"
                                        : "550 5.7.1 Not from you");
                case "RSET", "HELO" -> client.say("250 2.0.0 Ok");
                case "QUIT" -> {
                    client.say("221 2.0.0 Bye");
                    return;
                }
                default -> client.say("500 5.5.1 What?");
            }
        }
    }

    private static String verb(String line) {
        return line.substring(0, Math.min(4, line.length())).toUpperCase(Locale.ROOT);
    }

    private boolean secure(RemoteConnection client) throws IOException {
        if (tls == null) {
            client.say("502 5.5.1 No TLS here");
            return false;
        }
        client.say("220 2.0.0 Go ahead");
        client.secure(tls);
        return true;
    }

    private void hello(RemoteConnection client, boolean secured) throws IOException {
        List<String> lines = new ArrayList<>(extensions);
        if (login != null) {
            lines.add("AUTH " + String.join(" ", mechanisms));
        }
        if (tls != null && !secured) {
            lines.add("STARTTLS");
        }
        lines.addFirst("sink.example");
        for (int i = 0; i < lines.size(); i++) {
            lines.set(i, (i < lines.size() - 1 ? "250-" : "250 ") + lines.get(i));
        }
        client.say(lines.toArray(String[]::new));
    }

    private void content(
            RemoteConnection client, String mail, List<String> accepted, boolean secured)
            throws IOException {
        if (accepted.isEmpty()) {
            client.say("554 5.5.1 No valid recipients");
            return;
        }
        client.say("354 Go on");
        String content = client.hearContent();
        take(client, new Arrived(mail, accepted, content, secured));
    }

    private void take(RemoteConnection client, Arrived message) throws IOException {
        arrived.add(message);
        boolean prdr = message.mail().endsWith(" PRDR");
        if (prdr) {
            client.say("353 Each follows");
        }
        for (String recipient : lmtp || prdr ? message.rcpt() : message.rcpt().subList(0, 1)) {
            client.say(end.apply(recipient));
        }
        if (prdr) {
            client.say("250 2.0.0 All done");
        }
    }

    private void logIn(RemoteConnection client, String line) throws IOException {
        if (login == null) {
            client.say("502 5.5.1 No AUTH here");
        } else {
            login.play(client, line);
        }
    }
}
