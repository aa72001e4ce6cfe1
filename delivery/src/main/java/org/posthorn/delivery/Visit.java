package org.posthorn.delivery;

import org.posthorn.api.delivery.ReplyClass;
import org.posthorn.api.smtp.Reply;
import org.posthorn.delivery.Concurrency.Failure;
import org.posthorn.smtp.client.ClientException;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// One attempt's stay at a site: it has one of the site's sessions, and says how it fares. For one
/// thread, which must close it.
final class Visit implements AutoCloseable {
    private final Site site;
    private Instant began;
    private final boolean probe;
    private final Optional<OpenSession> kept;
    private final int among;
    private Optional<OpenSession> left = Optional.empty();
    private Optional<Reply> silence = Optional.empty();
    private Optional<Failure> failure = Optional.empty();
    private boolean answered;
    private boolean sent;

    /// @param probe whether the site is dead, as far as is known
    /// @param kept a session that is open already
    /// @param among how many visits there were when it began, with it
    Visit(Site site, Instant began, boolean probe, Optional<OpenSession> kept, int among) {
        this.site = site;
        this.began = began;
        this.probe = probe;
        this.kept = kept;
        this.among = among;
    }

    /// What came before was no talk with the site.
    void begin(Instant now) {
        began = now;
    }

    int among() {
        return among;
    }

    Instant began() {
        return began;
    }

    boolean isProbe() {
        return probe;
    }

    /// Returns a session that is open already, good for the shipment that was announced. The
    /// visitor ends it, or [leaves](#leave) it to the next.
    Optional<OpenSession> kept() {
        return kept;
    }

    /// Returns the session that is left to the next.
    Optional<OpenSession> left() {
        return left;
    }

    /// Returns what silence at all addresses means for a recipient, if there was nothing else.
    Optional<Reply> silence() {
        return answered ? Optional.empty() : silence;
    }

    /// Returns what went wrong, if anything did that says something of the site.
    Optional<Failure> failure() {
        return silence().map(Visit::failure).or(() -> failure);
    }

    /// A server that says it is busy is there.
    private static Failure failure(Reply silence) {
        boolean busy =
                silence.text().contains(" refused to talk to us: 421 ")
                        || ReplyTable.STANDARD.of(silence, Optional.empty())
                                == ReplyClass.RATE_LIMIT;
        return busy ? Failure.BUSY : Failure.UNREACHED;
    }

    /// Tells whether a message was sent and answered.
    boolean isSent() {
        return sent;
    }

    /// Tells whether anybody answered.
    boolean isAnswered() {
        return answered;
    }

    /// Puts addresses that were silent of late behind the others.
    List<Target> order(List<Target> targets) {
        return site.order(targets);
    }

    /// There is a session at an address.
    void opened(Target target) {
        answered = true;
        site.opened(target);
    }

    /// There is none.
    void failed(Target target, ClientException why) {
        switch (why.step()) {
            case CONNECT, GREETING, HELLO -> silent(target, why.reply());
            case TLS, AUTH, FORWARD, MAIL, RCPT, DATA, CONTENT, END, RSET -> answered = true;
        }
    }

    /// Nobody there wants to talk.
    void silent(Target target, Reply reply) {
        silence = Optional.of(reply);
        site.avoid(target);
    }

    /// There was one, but it is not what the message needs.
    void unfit() {
        answered = true;
    }

    /// A message was sent and answered.
    ///
    /// @param throttled whether the server asked for less
    void sent(boolean throttled) {
        answered = true;
        sent = true;
        if (throttled) {
            failure = Optional.of(Failure.THROTTLED);
        }
        site.sent();
    }

    /// A session broke off.
    void broke(ClientException why) {
        boolean busy =
                ReplyTable.STANDARD.of(why.reply(), Optional.empty()) == ReplyClass.RATE_LIMIT;
        failure = Optional.of(busy ? Failure.BUSY : Failure.BROKEN);
    }

    /// Leaves a session to the next who wants one.
    void leave(OpenSession session) {
        left = Optional.of(session);
    }

    /// Ends the stay. A visitor that failed before it used the session it was given has it closed,
    /// and not lost; one that was ended already stays as it is.
    @Override
    public void close() {
        kept.filter(it -> left.filter(it::equals).isEmpty()).ifPresent(it -> it.session().close());
        site.leave(this);
    }
}
