package org.posthorn.delivery;

import org.posthorn.api.delivery.Outcome;
import org.posthorn.api.mail.Content;
import org.posthorn.api.mail.Envelope;
import org.posthorn.api.mail.Recipient;
import org.posthorn.api.smtp.EnhancedStatus;
import org.posthorn.api.smtp.Reply;
import org.posthorn.smtp.client.Answer;
import org.posthorn.smtp.client.Capabilities;
import org.posthorn.smtp.client.ClientException;
import org.posthorn.smtp.client.ClientException.Step;
import org.posthorn.smtp.client.ClientSession;
import org.posthorn.smtp.client.Protocol;
import org.posthorn.smtp.client.Receipt;
import org.posthorn.smtp.client.SmtpClient;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/// Delivers by SMTP and LMTP. Safe for use by many threads; each call blocks its own.
///
/// The next address is tried for the recipients that a session left without an answer, with one
/// exception: where it broke behind the end of the content, the server may have the message, and
/// only time may tell. What a server did answer stands, also a 4xx.
final class RemoteTransport {
    private static final Optional<EnhancedStatus> TOO_MANY = EnhancedStatus.parse("4.5.3");

    private final DeliveryConfig config;
    private final String hostname;
    private final SmtpClient client;

    RemoteTransport(DeliveryConfig config, String hostname, SmtpClient client) {
        this.config = config;
        this.hostname = hostname;
        this.client = client;
    }

    /// Delivers one message.
    ///
    /// @param targets at least one
    /// @return one result per recipient, in order
    List<Result> deliver(
            Envelope envelope, Content content, List<Target> targets, Protocol protocol)
            throws InterruptedException {
        var delivery = new Progress(envelope, content, protocol);
        for (Target target : targets) {
            if (!delivery.at(target)) {
                break;
            }
        }
        return Arrays.asList(delivery.results);
    }

    /// One message on its way, from address to address.
    private final class Progress {
        private final Envelope envelope;
        private final Content content;
        private final Protocol protocol;
        private final Result[] results;
        private List<Integer> pending;

        Progress(Envelope envelope, Content content, Protocol protocol) {
            this.envelope = envelope;
            this.content = content;
            this.protocol = protocol;
            this.results = new Result[envelope.recipients().size()];
            this.pending = IntStream.range(0, results.length).boxed().toList();
        }

        /// Tries one address for all that are pending, and tells whether another should be tried.
        boolean at(Target target) throws InterruptedException {
            try (ClientSession session = open(target, protocol, true)) {
                while (!pending.isEmpty()) {
                    Optional<ClientException> broken = transact(session, target);
                    if (broken.isPresent()) {
                        return goOn(broken.get(), target);
                    }
                }
                session.quit();
                return false;
            } catch (ClientException e) {
                return goOn(e, target);
            }
        }

        private boolean goOn(ClientException broken, Target target) {
            for (int i : pending) {
                results[i] = new Result(Result.outcome(broken.reply()), by(target, false));
            }
            return !pending.isEmpty() && broken.step() != Step.END && broken.reply().isTransient();
        }

        /// Sends to as many as go into one transaction; those without an answer stay pending.
        private Optional<ClientException> transact(ClientSession session, Target target)
                throws InterruptedException {
            List<Integer> now = pending.subList(0, Math.min(pending.size(), config.recipients()));
            List<Integer> later = new ArrayList<>();
            Receipt receipt = session.send(part(now), content);
            for (int i = 0; i < now.size(); i++) {
                switch (receipt.answers().get(i)) {
                    case Answer.Said(Reply reply) -> result(now.get(i), reply, by(target, true));
                    case Answer.Unfit(Reply reply) -> result(now.get(i), reply, by(target, false));
                    case Answer.Nothing() -> later.add(now.get(i));
                }
            }
            if (receipt.broken().isEmpty()) {
                later.addAll(surplus(now));
            }
            later.addAll(pending.subList(now.size(), pending.size()));
            pending = later;
            return receipt.broken();
        }

        private Envelope part(List<Integer> recipients) {
            List<Recipient> chosen = recipients.stream().map(envelope.recipients()::get).toList();
            return new Envelope(envelope.sender(), envelope.parameters(), chosen);
        }

        /// Recipients beyond what the server takes in one transaction: another one may take them,
        /// as long as this one took some (RFC 5321 §4.5.3.1.10).
        private List<Integer> surplus(List<Integer> sent) {
            boolean some =
                    sent.stream().anyMatch(i -> results[i].outcome() instanceof Outcome.Delivered);
            return sent.stream()
                    .filter(i -> some && results[i].outcome().reply().code() == 452)
                    .filter(i -> results[i].outcome().reply().status().equals(TOO_MANY))
                    .toList();
        }

        private void result(int recipient, Reply reply, Result.By by) {
            results[recipient] = new Result(Result.outcome(Wording.bounded(reply)), by);
        }

        private Result.By by(Target target, boolean said) {
            return new Result.By(
                    protocol == Protocol.LMTP ? "lmtp" : "smtp",
                    target.toString(),
                    said ? Optional.of(target.host()) : Optional.empty());
        }
    }

    /// Opens a session, with TLS where the server offers it and it works, without where not: mail
    /// in clear is what there would be otherwise (RFC 7435).
    private ClientSession open(Target target, Protocol protocol, boolean tls)
            throws ClientException, InterruptedException {
        ClientSession session = client.connect(target.address(), protocol);
        boolean opened = false;
        boolean securing = false;
        try {
            Capabilities offered = session.hello(hostname);
            securing = tls && offered.offers("STARTTLS");
            if (securing && session.startTls(target.host())) {
                session.hello(hostname);
            }
            opened = true;
            return session;
        } catch (ClientException e) {
            if (!securing) {
                throw e;
            }
        } finally {
            if (!opened) {
                session.close();
            }
        }
        return open(target, protocol, false);
    }
}
