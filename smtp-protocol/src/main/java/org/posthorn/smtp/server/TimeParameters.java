package org.posthorn.smtp.server;

import org.jspecify.annotations.Nullable;
import org.posthorn.api.mail.DeliverBy;
import org.posthorn.api.mail.FutureRelease;
import org.posthorn.api.mail.MailSyntaxException;
import org.posthorn.api.mail.Parameters;
import org.posthorn.api.mail.Priority;
import org.posthorn.api.plugin.Session;
import org.posthorn.api.smtp.Reply;

import java.time.Duration;
import java.time.Instant;
import java.util.regex.Pattern;

/// The values of the parameters that say how soon, or how late, a message is wanted: `MT-PRIORITY`
/// (RFC 6710), `BY` (RFC 2852), `HOLDFOR` and `HOLDUNTIL` (RFC 4865). Each method returns what is
/// wrong with one, or nothing.
final class TimeParameters {
    /// RFC 3339 §5.6 wants seconds and an offset.
    private static final Pattern DATE_TIME =
            Pattern.compile("[-0-9]{10}[Tt][0-9:]{8}(\\.\\d{1,9})?([Zz]|[+-]\\d\\d:\\d\\d)");

    private final Duration minDeliverBy;
    private final Duration maxHold;

    TimeParameters(SmtpExtensions limits) {
        this.minDeliverBy = limits.minDeliverBy();
        this.maxHold = limits.maxHold();
    }

    static @Nullable Reply priority(String value) {
        try {
            Priority.parse(value);
            return null;
        } catch (MailSyntaxException e) {
            return Replies.badParameter(e.rule());
        }
    }

    @Nullable Reply deliverBy(String value) {
        try {
            DeliverBy wish = DeliverBy.parse(value);
            return wish.returned() && wish.seconds() < minDeliverBy.toSeconds()
                    ? Replies.tooSoon(minDeliverBy.toSeconds())
                    : null;
        } catch (MailSyntaxException e) {
            return Replies.badParameter(e.rule());
        }
    }

    /// Returns the parameters with a priority that its sender may have (RFC 6710 §4.1): more than
    /// normal is for clients that have authenticated; from others, anybody could pass the queue.
    static Parameters trusted(Parameters mail, Session session) {
        return isTrusted(mail, session)
                ? mail
                : mail.with("MT-PRIORITY", String.valueOf(Priority.NORMAL));
    }

    /// Tells whether a client may give its mail the priority that it asks for.
    static boolean isTrusted(Parameters mail, Session session) {
        return session.authentication().isPresent() || Priority.of(mail) <= Priority.NORMAL;
    }

    @Nullable Reply holdFor(String value) {
        try {
            return FutureRelease.parseFor(value) > maxHold.toSeconds() ? tooLong() : null;
        } catch (MailSyntaxException e) {
            return Replies.badParameter(e.rule());
        }
    }

    @Nullable Reply holdUntil(String value, Instant now) {
        if (!DATE_TIME.matcher(value).matches()) {
            return Replies.badParameter("HOLDUNTIL is a date and time with seconds and offset");
        }
        try {
            Instant until = FutureRelease.parseUntil(value);
            if (until.isBefore(now)) {
                return Replies.badParameter("HOLDUNTIL is in the past");
            }
            return until.isAfter(now.plus(maxHold)) ? tooLong() : null;
        } catch (MailSyntaxException e) {
            return Replies.badParameter(e.rule());
        }
    }

    private Reply tooLong() {
        return Replies.badParameter(
                "messages are held for " + maxHold.toSeconds() + " seconds at the most");
    }
}
