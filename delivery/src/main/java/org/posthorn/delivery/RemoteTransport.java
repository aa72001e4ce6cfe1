package org.posthorn.delivery;

import org.posthorn.api.delivery.Outcome;
import org.posthorn.api.delivery.ReplyClass;
import org.posthorn.api.mail.DeliverBy;
import org.posthorn.api.mail.Domain;
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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/// Delivers by SMTP and LMTP: in a session that is open already, where there is one, otherwise in a
/// new one, which is left to the next message. Safe for use by many threads; each call blocks its
/// own.
///
/// The next address is tried for the recipients that a session left without an answer, with one
/// exception: where it broke behind the end of the content, the server may have the message, and
/// only time may tell. What a server did answer stands, also a 4xx.
///
/// @param config how many recipients go into one transaction
/// @param sessions opens them
/// @param shaping limits of operators
/// @param clock tells how long it takes
record RemoteTransport(
        DeliveryConfig config, Sessions sessions, Shaping shaping, InstantSource clock) {
    private static final Logger LOG = LoggerFactory.getLogger(RemoteTransport.class);
    private static final Optional<EnhancedStatus> TOO_MANY = EnhancedStatus.parse("4.5.3");

    /// Delivers one message.
    ///
    /// @param targets at least one
    /// @param visit at their site
    /// @param traffic what limits may be about
    /// @return one result per recipient, in order
    List<Result> deliver(Shipment shipment, List<Target> targets, Visit visit, Traffic traffic)
            throws InterruptedException {
        var delivery = new Progress(shipment, visit, traffic);
        delivery.run(visit.order(targets));
        return Arrays.asList(delivery.results);
    }

    /// One message on its way, from address to address.
    private final class Progress {
        private final Shipment shipment;
        private final Visit visit;
        private final Traffic traffic;
        private final Result[] results;
        private List<Integer> pending;

        Progress(Shipment shipment, Visit visit, Traffic traffic) {
            this.shipment = shipment;
            this.visit = visit;
            this.traffic = traffic;
            this.results = new Result[shipment.envelope().recipients().size()];
            this.pending = IntStream.range(0, results.length).boxed().toList();
        }

        void run(List<Target> targets) throws InterruptedException {
            boolean going = visit.kept().isEmpty() || kept(visit.kept().get());
            for (Target target : targets) {
                if (!going) {
                    break;
                }
                going = at(target);
            }
        }

        /// Goes on in a session of others, and tells whether another should be tried. That it is
        /// over already, before anything was sent, is nobody's failure.
        private boolean kept(OpenSession session) throws InterruptedException {
            session.limit(shaping.messagesPerConnection(traffic, Integer.MAX_VALUE));
            if (!session.hasRoom(config.sessions(), clock.instant())) {
                session.session().quit();
                return true;
            }
            int before = session.messages();
            sessions.goesOn(session, shipment);
            Optional<ClientException> broken = use(session);
            if (broken.isEmpty()) {
                return !pending.isEmpty();
            }
            boolean over =
                    switch (broken.get().step()) {
                        case RSET, FORWARD, MAIL -> session.messages() == before + 1;
                        case CONNECT, GREETING, HELLO, TLS, AUTH, RCPT, DATA, CONTENT, END -> false;
                    };
            if (over) {
                return true;
            }
            visit.broke(broken.get());
            return goOn(broken.get().reply(), broken.get().step(), session.target());
        }

        /// Tries one address for all that are pending, and tells whether another should be tried.
        private boolean at(Target target) throws InterruptedException {
            try {
                while (!pending.isEmpty()) {
                    Optional<NotYet> not = shaping.open(traffic);
                    if (not.isPresent()) {
                        leave(Shaping.waits(not.get()), target);
                        return false;
                    }
                    OpenSession session = open(target);
                    visit.opened(target);
                    Optional<ClientException> broken = use(session);
                    if (broken.isPresent()) {
                        visit.broke(broken.get());
                        return goOn(broken.get().reply(), broken.get().step(), target);
                    }
                }
                return false;
            } catch (ClientException e) {
                visit.failed(target, e);
                return goOn(e.reply(), e.step(), target);
            } catch (UnfitHostException e) {
                visit.unfit();
                leave(e.reply(), target);
                return true;
            }
        }

        /// Opens a session that is counted until it is closed.
        private OpenSession open(Target target)
                throws ClientException, UnfitHostException, InterruptedException {
            boolean open = false;
            try {
                OpenSession session = sessions.open(target, shipment);
                open = true;
                session.limit(shaping.messagesPerConnection(traffic, Integer.MAX_VALUE));
                session.session().whenClosed(() -> shaping.closed(traffic));
                return session;
            } finally {
                if (!open) {
                    shaping.closed(traffic);
                }
            }
        }

        /// Has as many transactions in a session as it takes and the server allows (RFC 9422), and
        /// leaves it to the next, unless it is over.
        private Optional<ClientException> use(OpenSession session) throws InterruptedException {
            boolean usable = false;
            try {
                do {
                    Optional<ClientException> broken = transact(session);
                    if (broken.isPresent()) {
                        return broken;
                    }
                } while (!pending.isEmpty() && session.hasRoom(config.sessions(), clock.instant()));
                usable = true;
                return Optional.empty();
            } catch (ClientException e) {
                return Optional.of(e);
            } finally {
                if (!usable) {
                    session.session().close();
                } else if (session.hasRoom(config.sessions(), clock.instant())) {
                    visit.leave(session);
                } else {
                    session.session().quit();
                }
            }
        }

        private boolean goOn(Reply reply, Step step, Target target) {
            leave(reply, target);
            return !pending.isEmpty() && step != Step.END && reply.isTransient();
        }

        /// What one server lacks is final only where no other might have been better.
        private void leave(Reply reply, Target target) {
            for (int i : pending) {
                boolean hope =
                        results[i] != null && results[i].outcome() instanceof Outcome.Deferred;
                if (!hope || reply.isTransient()) {
                    results[i] = new Result(Result.outcome(reply), by(target, false));
                }
            }
        }

        /// Sends to as many as go into one transaction; those without an answer stay pending.
        private Optional<ClientException> transact(OpenSession open)
                throws ClientException, InterruptedException {
            ClientSession session = open.session();
            Target target = open.target();
            List<Integer> now = together(session.capabilities());
            List<Integer> later = new ArrayList<>(pending);
            later.removeAll(now);
            open.sent();
            forward(session, target);
            Receipt receipt = session.send(part(now), shipment.content(), config.bareLineEnds());
            Reach reach = reach(session.capabilities());
            List<Integer> silent = new ArrayList<>();
            for (int i = 0; i < now.size(); i++) {
                switch (receipt.answers().get(i)) {
                    case Answer.Said(Reply reply) ->
                            result(now.get(i), reply, by(target, true), reach);
                    case Answer.Unfit(Reply reply) ->
                            result(now.get(i), reply, by(target, false), reach);
                    case Answer.Nothing() -> silent.add(now.get(i));
                }
            }
            if (receipt.broken().isEmpty()) {
                silent.addAll(surplus(now));
                visit.sent(wantsLess(receipt, target));
            }
            silent.addAll(later);
            pending = silent;
            return receipt.broken();
        }

        /// Tells whether the server asks for less. Where it takes the message for anybody, it is
        /// not the site that has enough.
        private static boolean wantsLess(Receipt receipt, Target target) {
            List<Reply> said = new ArrayList<>();
            for (Answer answer : receipt.answers()) {
                if (answer instanceof Answer.Said(Reply reply)) {
                    said.add(reply);
                }
            }
            return said.stream().noneMatch(Reply::isSuccess)
                    && said.stream().anyMatch(it -> wantsLess(it, target));
        }

        /// What is about a mailbox (RFC 3463 §3.3) is not about the site.
        private static boolean wantsLess(Reply reply, Target target) {
            return reply.isTransient()
                    && reply.status().filter(it -> it.subject() == 2).isEmpty()
                    && ReplyTable.STANDARD.of(reply, Optional.of(target.host()))
                            == ReplyClass.RATE_LIMIT;
        }

        private void forward(ClientSession session, Target target)
                throws ClientException, InterruptedException {
            if (shipment.origin().isPresent()) {
                session.forward(shipment.origin().get())
                        .ifPresent(it -> LOG.warn("{} does not take XFORWARD: {}", target, it));
            }
        }

        /// Chooses who goes into one transaction: as many as we and the server allow.
        private List<Integer> together(Capabilities peer) {
            int ours = shaping.recipients(traffic, config.recipients());
            int most = Math.min(ours, peer.limit("RCPTMAX").orElse(10_000));
            int mostDomains = peer.limit("RCPTDOMAINMAX").orElse(Integer.MAX_VALUE);
            Set<Domain> domains = new HashSet<>();
            List<Integer> chosen = new ArrayList<>();
            for (int i : pending) {
                Domain domain = shipment.envelope().recipients().get(i).mailbox().domain();
                boolean fits = domains.contains(domain) || domains.size() < mostDomains;
                if (fits && chosen.size() < most) {
                    domains.add(domain);
                    chosen.add(i);
                }
            }
            return chosen;
        }

        private Envelope part(List<Integer> recipients) {
            Envelope all = shipment.envelope();
            List<Recipient> chosen = recipients.stream().map(all.recipients()::get).toList();
            return new Envelope(all.sender(), all.parameters(), chosen);
        }

        private Reach reach(Capabilities peer) {
            if (shipment.protocol() == Protocol.LMTP) {
                return peer.offers("DSN") ? Reach.PASSED_ON : Reach.DELIVERED;
            }
            Optional<DeliverBy> by = DeliverBy.of(shipment.envelope().parameters());
            if (by.filter(it -> it.traced() || !peer.offers("DELIVERBY")).isPresent()) {
                return Reach.TRACED;
            }
            return peer.offers("DSN") ? Reach.PASSED_ON : Reach.RELAYED;
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

        private void result(int recipient, Reply reply, Result.By by, Reach reach) {
            Outcome outcome = Result.outcome(Wording.bounded(reply));
            results[recipient] = new Result(outcome, by, reach);
        }

        private Result.By by(Target target, boolean said) {
            return new Result.By(
                    shipment.transport(),
                    target.toString(),
                    said ? Optional.of(target.host()) : Optional.empty());
        }
    }
}
