package org.posthorn.smtp.server;

import org.jspecify.annotations.Nullable;
import org.posthorn.api.smtp.Reply;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The values of the parameters that say how soon, or how late, a message is wanted: `MT-PRIORITY`
/// (RFC 6710), `BY` (RFC 2852), `HOLDFOR` and `HOLDUNTIL` (RFC 4865). Each method returns what is
/// wrong with one, or nothing.
final class TimeParameters {
    private static final Pattern PRIORITY = Pattern.compile("0|-?[1-9]");
    private static final Pattern BY = Pattern.compile("([+-]?\\d{1,9});([RN])T?");
    private static final Pattern SECONDS = Pattern.compile("[1-9]\\d{0,8}");
    private static final Pattern DATE_TIME =
            Pattern.compile(
                    "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d{1,9})?(Z|[+-]\\d\\d:\\d\\d)");

    private final Duration minDeliverBy;
    private final Duration maxHold;

    TimeParameters(SmtpExtensions limits) {
        this.minDeliverBy = limits.minDeliverBy();
        this.maxHold = limits.maxHold();
    }

    static @Nullable Reply priority(String value) {
        return PRIORITY.matcher(value).matches()
                ? null
                : Replies.badParameter("MT-PRIORITY is -9 to 9");
    }

    @Nullable Reply deliverBy(String value) {
        Matcher parts = BY.matcher(value.toUpperCase(Locale.ROOT));
        if (!parts.matches()) {
            return Replies.badParameter("BY is seconds;R or seconds;N, and perhaps T behind it");
        }
        int seconds = Integer.parseInt(parts.group(1));
        boolean returned = parts.group(2).equals("R");
        if (returned && seconds <= 0) {
            return Replies.badParameter("BY with R is in the future");
        }
        return returned && seconds < minDeliverBy.toSeconds()
                ? Replies.tooSoon(minDeliverBy.toSeconds())
                : null;
    }

    @Nullable Reply holdFor(String value) {
        if (!SECONDS.matcher(value).matches()) {
            return Replies.badParameter("HOLDFOR is 1 to 999999999 seconds");
        }
        return Integer.parseInt(value) > maxHold.toSeconds() ? tooLong() : null;
    }

    @Nullable Reply holdUntil(String value, Instant now) {
        String text = value.toUpperCase(Locale.ROOT);
        if (!DATE_TIME.matcher(text).matches()) {
            return badDate();
        }
        try {
            Instant until = OffsetDateTime.parse(text).toInstant();
            if (until.isBefore(now)) {
                return Replies.badParameter("HOLDUNTIL is in the past");
            }
            return until.isAfter(now.plus(maxHold)) ? tooLong() : null;
        } catch (DateTimeException e) {
            return badDate();
        }
    }

    private static Reply badDate() {
        return Replies.badParameter("HOLDUNTIL is a date and time such as 2026-11-22T21:00:00Z");
    }

    private Reply tooLong() {
        return Replies.badParameter(
                "messages are held for " + maxHold.toSeconds() + " seconds at the most");
    }
}
