package org.posthorn.smtp.client;

import io.netty.buffer.ByteBuf;

import org.posthorn.api.mail.Content;
import org.posthorn.api.smtp.Reply;
import org.posthorn.smtp.client.ClientException.Step;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// One mail transaction: `MAIL`, `RCPT`s, `DATA`, content (RFC 5321 §3.3).
///
/// With PIPELINING, all commands go out together (RFC 2920); their replies are then judged in
/// order, by the same code as without. One thread, once.
final class Transaction {
    private static final int PART = 32 * 1024;
    private static final int START_CONTENT = 354;

    private final Wire wire;
    private final ClientTimeouts timeouts;
    private final Protocol protocol;
    private final boolean pipelining;
    private final Fitting.Commands commands;
    private final Content content;
    private final Answer[] answers;
    private final List<Integer> accepted = new ArrayList<>();
    private boolean open;

    Transaction(
            Wire wire,
            ClientTimeouts timeouts,
            Protocol protocol,
            boolean pipelining,
            Fitting.Commands commands,
            Content content) {
        this.wire = wire;
        this.timeouts = timeouts;
        this.protocol = protocol;
        this.pipelining = pipelining;
        this.commands = commands;
        this.content = content;
        this.answers = new Answer[commands.rcpt().size()];
        Arrays.fill(answers, new Answer.Nothing());
    }

    /// Runs to its end. Whatever breaks it, what was said before stands.
    Receipt run() throws InterruptedException {
        try {
            address();
            Optional<Reply> data = begin();
            if (data.isPresent() && data.get().code() == START_CONTENT) {
                deliver();
            } else {
                data.ifPresent(reply -> accepted.forEach(i -> said(i, reply)));
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

    private void address() throws ClientException, InterruptedException {
        if (pipelining) {
            List<String> group = new ArrayList<>(commands.rcpt());
            group.addFirst(commands.mail());
            group.add("DATA");
            wire.say(group);
            wire.gather(group.size(), timeouts.rcpt());
        }
        Reply mail = verdict(ask(commands.mail(), Step.MAIL, timeouts.mail()), Step.MAIL);
        open = mail.isSuccess();
        boolean asking = pipelining || mail.isSuccess();
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
    private Optional<Reply> begin() throws ClientException, InterruptedException {
        if (!pipelining && accepted.isEmpty()) {
            return Optional.empty();
        }
        Reply data = ask("DATA", Step.DATA, timeouts.data());
        rule(
                data.code() == START_CONTENT || isVerdict(data) && !data.isSuccess(),
                Step.DATA,
                "DATA is answered by 354, 4xx or 5xx");
        return Optional.of(data);
    }

    /// Sends the content; where nobody is left to get it, the lone dot that RFC 2920 §3.1 asks for.
    private void deliver() throws ClientException, InterruptedException {
        if (accepted.isEmpty()) {
            wire.say(List.of("."));
            wire.next(Step.END, timeouts.end());
            open = false;
            return;
        }
        int expected = protocol == Protocol.LMTP ? accepted.size() : 1;
        Optional<Reply> refusal = send(expected);
        if (refusal.isPresent()) {
            accepted.forEach(i -> said(i, refusal.get()));
            throw wire.faults().closing(Step.CONTENT, refusal.get());
        }
        wire.gather(expected, timeouts.end());
        Reply reply = null;
        for (int i : accepted) {
            if (reply == null || protocol == Protocol.LMTP) {
                reply = verdict(wire.next(Step.END, timeouts.end()), Step.END);
            }
            said(i, reply);
        }
        open = false;
    }

    /// Sends the content.
    ///
    /// @param expected how many replies its end will get
    /// @return what the server said before it had all, which can only be a refusal
    private Optional<Reply> send(int expected) throws ClientException, InterruptedException {
        var stuffer = new DotStuffer();
        byte[] part = new byte[(int) Math.min(PART, content.size() + 1)];
        long left = content.size();
        try (InputStream in = content.open()) {
            boolean last = false;
            while (!last) {
                int length = in.readNBytes(part, 0, part.length);
                left -= length;
                last = length < part.length;
                if (last && left != 0) {
                    throw new IOException(left + " octets are missing");
                }
                ByteBuf out = stuffed(stuffer, part, length, last);
                wire.write(out, last ? expected : 0, timeouts.block());
            }
            return Optional.empty();
        } catch (ClientException e) {
            return refusal(wire.early().orElseThrow(() -> e));
        } catch (IOException e) {
            throw wire.faults().unreadable(e);
        } catch (DotStuffer.BareLineEndException e) {
            throw wire.faults().unsendable(e);
        }
    }

    private Optional<Reply> refusal(Reply early) throws ClientException {
        boolean refused = isVerdict(early) && !early.isSuccess();
        rule(refused, Step.CONTENT, "nothing is accepted before its end");
        return Optional.of(early);
    }

    private ByteBuf stuffed(DotStuffer stuffer, byte[] part, int length, boolean last)
            throws DotStuffer.BareLineEndException {
        ByteBuf out = wire.buffer(length + length / 16 + 8);
        boolean whole = false;
        try {
            stuffer.write(part, length, out);
            if (last) {
                stuffer.finish(out);
            }
            whole = true;
            return out;
        } finally {
            if (!whole) {
                out.release();
            }
        }
    }

    private Reply ask(String line, Step step, Duration time)
            throws ClientException, InterruptedException {
        if (!pipelining) {
            wire.say(List.of(line));
        }
        Reply reply = wire.next(step, time);
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
