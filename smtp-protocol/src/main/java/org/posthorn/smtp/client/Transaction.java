package org.posthorn.smtp.client;

import org.posthorn.api.mail.BodyType;
import org.posthorn.api.mail.Content;
import org.posthorn.api.smtp.Reply;
import org.posthorn.smtp.client.ClientException.Step;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// One mail transaction: `MAIL`, `RCPT`s, and the content, behind `DATA` (RFC 5321 §3.3) or, where
/// the server offers it, as one chunk behind `BDAT` (RFC 3030).
///
/// With PIPELINING, all commands go out together (RFC 2920), and a small chunk with them; their
/// replies are then judged in order, by the same code as without. One thread, once.
final class Transaction {
    private static final int SMALL_CHUNK = 64 * 1024;
    private static final int START_CONTENT = 354;
    private static final int EACH_FOLLOWS = 353;

    /// How the server is to be spoken to. Immutable.
    ///
    /// @param protocol what is spoken
    /// @param pipelining whether commands go out together
    /// @param chunking whether content is a chunk
    /// @param lineEnds what becomes of bare line ends
    /// @param atOnce whether a small chunk may go out with the commands
    record Manner(
            Protocol protocol,
            boolean pipelining,
            boolean chunking,
            BareLineEnds lineEnds,
            boolean atOnce) {
        /// A chunk's size is said before its lines are looked at, so mending them takes `DATA`.
        static Manner of(
                Protocol protocol,
                Capabilities peer,
                BareLineEnds lineEnds,
                BodyType body,
                boolean atOnce) {
            boolean exact = lineEnds == BareLineEnds.REJECT || body == BodyType.BINARY;
            return new Manner(
                    protocol,
                    peer.offers("PIPELINING"),
                    peer.offers("CHUNKING") && exact,
                    lineEnds,
                    atOnce);
        }
    }

    private final Wire wire;
    private final ClientTimeouts timeouts;
    private final Manner manner;
    private final Fitting.Commands commands;
    private final long size;
    private final Sending sending;
    private final Answer[] answers;
    private final List<Integer> accepted = new ArrayList<>();
    private boolean open;
    private boolean gone;

    Transaction(
            Wire wire,
            ClientTimeouts timeouts,
            Manner manner,
            Fitting.Commands commands,
            Content content) {
        this.wire = wire;
        this.timeouts = timeouts;
        this.manner = manner;
        this.commands = commands;
        this.size = content.size();
        ContentEncoder.Way way =
                !manner.chunking()
                        ? ContentEncoder.Way.DOTTED
                        : commands.body() == BodyType.BINARY
                                ? ContentEncoder.Way.BINARY
                                : ContentEncoder.Way.LINES;
        this.sending =
                new Sending(
                        wire,
                        content,
                        new ContentEncoder(way, manner.lineEnds()),
                        timeouts.block());
        this.answers = new Answer[commands.rcpt().size()];
        Arrays.fill(answers, new Answer.Nothing());
    }

    /// Runs to its end. Whatever breaks it, what was said before stands.
    Receipt run() throws InterruptedException {
        try {
            if (chunkGoesAlong()) {
                addressWithChunk();
            } else if (manner.chunking()) {
                say(commands.mail(), commands.rcpt());
                address();
                if (!accepted.isEmpty()) {
                    deliver("BDAT " + size + " LAST\r\n");
                }
            } else {
                say(commands.mail(), commands.rcpt(), List.of("DATA"));
                address();
                data();
            }
            return new Receipt(Arrays.asList(answers), Optional.empty());
        } catch (ClientException e) {
            return new Receipt(Arrays.asList(answers), Optional.of(e));
        }
    }

    /// Tells whether the server still holds a transaction that must be reset before the next.
    boolean isOpen() {
        return open;
    }

    /// Where each recipient is answered behind the content, it must be known first how many there
    /// are.
    private boolean chunkGoesAlong() {
        return manner.atOnce()
                && manner.chunking()
                && manner.pipelining()
                && manner.protocol() == Protocol.SMTP
                && !commands.prdr()
                && size <= SMALL_CHUNK;
    }

    @SafeVarargs
    private void say(String mail, List<String>... rest) throws InterruptedException {
        if (manner.pipelining()) {
            List<String> group = new ArrayList<>(List.of(mail));
            for (List<String> lines : rest) {
                group.addAll(lines);
            }
            wire.say(group);
            wire.gather(group.size(), timeouts.rcpt());
        }
    }

    private void addressWithChunk() throws ClientException, InterruptedException {
        List<String> group = new ArrayList<>(commands.rcpt());
        group.addFirst(commands.mail());
        String chunk = "BDAT " + size + " LAST\r\n";
        wire.say(group);
        Optional<Reply> refusal = sending.run(chunk, 1, 0);
        gone = refusal.isEmpty();
        wire.gather(group.size(), timeouts.rcpt());
        address();
        if (refusal.isPresent()) {
            throw wire.faults().closing(Step.CONTENT, refusal.get());
        }
        Reply reply = verdict(wire.next(Step.END, timeouts.end()), Step.END);
        rule(!accepted.isEmpty() || !reply.isSuccess(), Step.END, "BDAT needs RCPT");
        accepted.forEach(i -> said(i, reply));
        open = open && !reply.isSuccess();
    }

    private void address() throws ClientException, InterruptedException {
        Reply mail = verdict(ask(commands.mail(), Step.MAIL, timeouts.mail()), Step.MAIL);
        open = mail.isSuccess();
        boolean asking = manner.pipelining() || mail.isSuccess();
        for (int i = 0; i < answers.length; i++) {
            Reply reply = mail;
            if (asking) {
                reply = verdict(ask(commands.rcpt().get(i), Step.RCPT, timeouts.rcpt()), Step.RCPT);
            }
            rule(mail.isSuccess() || !reply.isSuccess(), Step.RCPT, "RCPT needs MAIL");
            if (reply.isSuccess()) {
                accepted.add(i);
            } else {
                said(i, mail.isSuccess() ? reply : mail);
            }
        }
    }

    /// Asks for `DATA`, unless there is nobody to send to and it was not asked for already.
    private void data() throws ClientException, InterruptedException {
        if (!manner.pipelining() && accepted.isEmpty()) {
            return;
        }
        Reply data = ask("DATA", Step.DATA, timeouts.data());
        rule(
                data.code() == START_CONTENT || isVerdict(data) && !data.isSuccess(),
                Step.DATA,
                "DATA is answered by 354, 4xx or 5xx");
        if (data.code() != START_CONTENT) {
            accepted.forEach(i -> said(i, data));
        } else if (accepted.isEmpty()) {
            // The lone dot that RFC 2920 §3.1 asks for.
            wire.say(List.of("."));
            wire.next(Step.END, timeouts.end());
            open = false;
        } else {
            deliver("");
        }
    }

    /// Sends the content to those who are accepted.
    ///
    /// @param command what goes before it, in the same breath
    private void deliver(String command) throws ClientException, InterruptedException {
        boolean lmtp = manner.protocol() == Protocol.LMTP;
        int expected = lmtp ? accepted.size() : 1;
        Optional<Reply> refusal =
                sending.run(command, expected, commands.prdr() ? accepted.size() + 1 : 0);
        if (refusal.isPresent()) {
            accepted.forEach(i -> said(i, refusal.get()));
            throw wire.faults().closing(Step.CONTENT, refusal.get());
        }
        wire.gather(expected, timeouts.end());
        Reply first = wire.next(Step.END, timeouts.end());
        if (commands.prdr() && first.code() == EACH_FOLLOWS) {
            each();
        } else {
            Reply reply = verdict(first, Step.END);
            for (int i : accepted) {
                if (lmtp && i != accepted.getFirst()) {
                    reply = verdict(wire.next(Step.END, timeouts.end()), Step.END);
                }
                said(i, reply);
            }
        }
        open = false;
    }

    /// Takes a reply per recipient, and the one for all behind them: if that is a refusal, it holds
    /// for those, too, who were accepted before.
    private void each() throws ClientException, InterruptedException {
        wire.gather(accepted.size() + 1, timeouts.end());
        List<Reply> replies = new ArrayList<>();
        for (int i = 0; i < accepted.size(); i++) {
            replies.add(verdict(wire.next(Step.END, timeouts.end()), Step.END));
        }
        Reply all = verdict(wire.next(Step.END, timeouts.end()), Step.END);
        for (int i = 0; i < replies.size(); i++) {
            Reply reply = replies.get(i);
            said(accepted.get(i), reply.isSuccess() && !all.isSuccess() ? all : reply);
        }
    }

    private Reply ask(String line, Step step, Duration time)
            throws ClientException, InterruptedException {
        if (!manner.pipelining()) {
            wire.say(List.of(line));
        }
        // Where the content is gone already, silence does not mean that the server has not taken
        // it.
        Reply reply = wire.next(gone ? Step.END : step, time);
        if (reply.code() == 421) {
            throw wire.faults().closing(step, reply);
        }
        return reply;
    }

    private void said(int recipient, Reply reply) {
        answers[recipient] = new Answer.Said(reply);
    }

    private static boolean isVerdict(Reply reply) {
        return reply.code() / 100 != 3;
    }

    private Reply verdict(Reply reply, Step step) throws ClientException {
        rule(isVerdict(reply), step, "it is answered by 2xx, 4xx or 5xx");
        return reply;
    }

    private void rule(boolean kept, Step step, String rule) throws ClientException {
        if (!kept) {
            throw wire.faults().protocol(step, rule, null);
        }
    }
}
