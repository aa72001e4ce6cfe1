package org.posthorn.smtp.server;

import org.jspecify.annotations.Nullable;
import org.posthorn.api.mail.BodyType;
import org.posthorn.api.mail.Mailbox;
import org.posthorn.api.mail.Parameters;
import org.posthorn.api.plugin.Session;
import org.posthorn.api.smtp.Reply;

import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;

/// What stands behind the paths of `MAIL` and `RCPT`, measured by what was offered: a keyword that
/// was not is unknown (RFC 5321 §4.1.1.11).
final class MailParameters {
    private static final int SIZE_DIGITS = 20;

    /// Those that are about this hop alone.
    private static final String[] PASSING = {"SIZE", "PRDR"};

    private final Offers offers;
    private final long maxSize;
    private final TimeParameters times;

    MailParameters(Offers offers, SmtpSettings settings) {
        this.offers = offers;
        this.maxSize = settings.message().maxSize().bytes();
        this.times = new TimeParameters(settings.extensions());
    }

    /// Returns what is wrong with a sender and its parameters, or nothing when all is well.
    @Nullable Reply check(Command.Mail mail, Session session, InstantSource clock) {
        Parameters parameters = mail.parameters();
        for (Map.Entry<String, String> parameter : parameters.values().entrySet()) {
            Reply unfit = check(parameter.getKey(), parameter.getValue(), session, clock);
            if (unfit != null) {
                return unfit;
            }
        }
        if (parameters.has("HOLDFOR") && parameters.has("HOLDUNTIL")) {
            return Replies.badParameter("HOLDFOR or HOLDUNTIL, not both");
        }
        boolean unicode = mail.from().mailbox().filter(MailParameters::isUnicode).isPresent();
        return unicode && !parameters.smtpUtf8() ? Replies.NEEDS_SMTPUTF8 : null;
    }

    private @Nullable Reply check(
            String keyword, String value, Session session, InstantSource clock) {
        return switch (keyword) {
            case "SIZE" -> offered(Extension.SIZE, session, keyword, checkSize(value));
            case "BODY" -> checkBody(value, session);
            case "SMTPUTF8" -> offered(Extension.SMTPUTF8, session, keyword, bare(keyword, value));
            case "REQUIRETLS" ->
                    offered(Extension.REQUIRETLS, session, keyword, bare(keyword, value));
            case "PRDR" -> offered(Extension.PRDR, session, keyword, bare(keyword, value));
            case "AUTH" -> offered(Extension.AUTH, session, keyword, AuthParameter.check(value));
            case "RET" -> offered(Extension.DSN, session, keyword, DsnParameters.ret(value));
            case "ENVID" -> offered(Extension.DSN, session, keyword, DsnParameters.envid(value));
            case "MT-PRIORITY" ->
                    offered(
                            Extension.MT_PRIORITY,
                            session,
                            keyword,
                            TimeParameters.priority(value));
            case "BY" -> offered(Extension.DELIVERBY, session, keyword, times.deliverBy(value));
            case "HOLDFOR" ->
                    offered(Extension.FUTURERELEASE, session, keyword, times.holdFor(value));
            case "HOLDUNTIL" ->
                    offered(
                            Extension.FUTURERELEASE,
                            session,
                            keyword,
                            times.holdUntil(value, clock.instant()));
            default -> Replies.unknownParameter(keyword);
        };
    }

    private @Nullable Reply offered(
            Extension extension, Session session, String keyword, @Nullable Reply unfit) {
        return offers.has(extension, session) ? unfit : Replies.unknownParameter(keyword);
    }

    private @Nullable Reply checkSize(String value) {
        boolean digits = !value.isEmpty() && value.chars().allMatch(c -> c >= '0' && c <= '9');
        if (!digits || value.length() > SIZE_DIGITS) {
            return Replies.badParameter("SIZE is a number of octets");
        }
        return number(value) > maxSize ? Replies.TOO_BIG : null;
    }

    private static long number(String digits) {
        return digits.length() > 18 ? Long.MAX_VALUE : Long.parseLong(digits);
    }

    private @Nullable Reply checkBody(String value, Session session) {
        boolean lines = offers.has(Extension.EIGHT_BIT_MIME, session);
        boolean binary = offers.has(Extension.BINARYMIME, session);
        if (!lines && !binary) {
            return Replies.unknownParameter("BODY");
        }
        boolean known =
                value.equalsIgnoreCase(BodyType.SEVEN_BIT.keyword())
                        || lines && value.equalsIgnoreCase(BodyType.EIGHT_BIT.keyword())
                        || binary && value.equalsIgnoreCase(BodyType.BINARY.keyword());
        return known
                ? null
                : Replies.badParameter(
                        "BODY is 7BIT"
                                + (lines ? ", 8BITMIME" : "")
                                + (binary ? ", BINARYMIME" : ""));
    }

    private static @Nullable Reply bare(String keyword, String value) {
        return value.isEmpty() ? null : Replies.badParameter(keyword + " has no value");
    }

    /// Returns what is wrong with a recipient and its parameters, or nothing when all is well.
    ///
    /// @param mail the parameters of its `MAIL`
    @Nullable Reply check(Command.Rcpt rcpt, Parameters mail, Session session) {
        for (Map.Entry<String, String> parameter : rcpt.parameters().values().entrySet()) {
            String keyword = parameter.getKey();
            String value = parameter.getValue();
            Reply unfit =
                    switch (keyword) {
                        case "NOTIFY" ->
                                offered(
                                        Extension.DSN,
                                        session,
                                        keyword,
                                        DsnParameters.notify(value));
                        case "ORCPT" ->
                                offered(
                                        Extension.DSN,
                                        session,
                                        keyword,
                                        DsnParameters.orcpt(value, mail.smtpUtf8()));
                        default -> Replies.unknownParameter(keyword);
                    };
            if (unfit != null) {
                return unfit;
            }
        }
        return rcpt.to() instanceof ForwardPath.To(var mailbox)
                        && isUnicode(mailbox)
                        && !mail.smtpUtf8()
                ? Replies.NEEDS_SMTPUTF8
                : null;
    }

    /// Returns what `SIZE` says, or 0.
    static long size(Parameters parameters) {
        return parameters.value("SIZE").map(MailParameters::number).orElse(0L);
    }

    /// Returns the parameters that travel with the mail: some are said anew on each hop.
    static Parameters lasting(Parameters parameters) {
        Map<String, String> given = parameters.values();
        if (given.isEmpty()) {
            return Parameters.NONE;
        }
        Map<String, String> rest = new LinkedHashMap<>(given);
        for (String keyword : PASSING) {
            rest.remove(keyword);
        }
        if (rest.size() == given.size()) {
            return parameters;
        }
        return rest.isEmpty() ? Parameters.NONE : new Parameters(rest);
    }

    private static boolean isUnicode(Mailbox mailbox) {
        return mailbox.needsSmtpUtf8() || !isAscii(mailbox.domain().toString());
    }

    private static boolean isAscii(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) >= 0x80) {
                return false;
            }
        }
        return true;
    }
}
