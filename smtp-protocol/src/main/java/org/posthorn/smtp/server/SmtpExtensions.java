package org.posthorn.smtp.server;

import org.posthorn.api.config.Default;
import org.posthorn.api.config.Help;
import org.posthorn.api.smtp.EnhancedStatus;
import org.posthorn.api.smtp.Reply;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The `extensions` block: how far extensions go, and what is said to those who ask. Immutable.
///
/// @param vrfy the reply to `VRFY`, whatever it asks for
/// @param expn the reply to `EXPN`, whatever it asks for
/// @param help the reply to `HELP`
/// @param minDeliverBy the least time that `BY` may give us with return (RFC 2852)
/// @param maxHold the longest that `HOLDFOR` and `HOLDUNTIL` may hold a message (RFC 4865)
public record SmtpExtensions(
        @Help("Reply to VRFY: code, enhanced status and text; nobody is looked up.")
                @Default("\"" + VRFY + "\"")
                String vrfy,
        @Help("Reply to EXPN; with a code of 2xx, EHLO names EXPN.") @Default("\"" + EXPN + "\"")
                String expn,
        @Help(
                        "Reply to HELP; the default names LHLO in LMTP, and BDAT where CHUNKING is"
                                + " offered.")
                @Default("\"" + HELP + "\"")
                String help,
        @Help("Least time that DELIVERBY may give a message before it is returned; 0s for any.")
                @Default("0s")
                Duration minDeliverBy,
        @Help("Longest time that FUTURERELEASE may hold a message back; 0s offers it to nobody.")
                @Default("7d")
                Duration maxHold) {

    private static final String VRFY =
            "252 2.5.0 Cannot verify, but will take mail and try to deliver it";
    private static final String EXPN = "502 5.5.1 Command not implemented";
    private static final String HELP =
            "214 2.0.0 EHLO HELO MAIL RCPT DATA BDAT RSET NOOP QUIT VRFY HELP, as in RFC 5321";

    private static final Pattern FORM =
            Pattern.compile("(\\d{3}) (?:([245]\\.\\d{1,3}\\.\\d{1,3}) )?(.*)");

    /// RFC 4865 §4 has nine digits for it.
    private static final Duration LONGEST = Duration.ofSeconds(999_999_999);

    /// What an empty block means.
    public static final SmtpExtensions DEFAULT =
            new SmtpExtensions(VRFY, EXPN, HELP, Duration.ZERO, Duration.ofDays(7));

    /// Checks replies and times.
    ///
    /// @throws IllegalArgumentException when a reply is none, or none that answers a question, or a
    ///     time is too long for its command
    public SmtpExtensions {
        reply("vrfy", vrfy);
        reply("expn", expn);
        reply("help", help);
        fits("min-deliver-by", minDeliverBy);
        fits("max-hold", maxHold);
    }

    private static void fits(String setting, Duration time) {
        if (time.isNegative() || time.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException(setting + " must be 0s to 11574d");
        }
    }

    Reply vrfyReply() {
        return reply("vrfy", vrfy);
    }

    Reply expnReply() {
        return reply("expn", expn);
    }

    /// Returns the reply to `HELP`. The default names what there is: `LHLO` in LMTP, and `BDAT`
    /// where CHUNKING is offered.
    Reply helpReply(boolean lmtp, boolean chunking) {
        if (!help.equals(HELP)) {
            return reply("help", help);
        }
        String hello = lmtp ? HELP.replace("EHLO HELO", "LHLO") : HELP;
        return reply("help", chunking ? hello : hello.replace(" BDAT", ""));
    }

    private static Reply reply(String setting, String text) {
        Matcher parts = FORM.matcher(text);
        if (!parts.matches() || !answers(parts.group(1))) {
            throw new IllegalArgumentException(
                    setting
                            + " must be a reply such as '252 2.5.0 Cannot verify': 21x or 25x, or"
                            + " 5xx except 521, a status, and text");
        }
        try {
            return new Reply(
                    Integer.parseInt(parts.group(1)),
                    Optional.ofNullable(parts.group(2)).flatMap(EnhancedStatus::parse),
                    List.of(parts.group(3)));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(setting + ": " + e.getMessage(), e);
        }
    }

    /// Other codes mean that something begins or ends.
    private static boolean answers(String code) {
        return code.startsWith("21") || code.startsWith("25") || isRefusal(code);
    }

    private static boolean isRefusal(String code) {
        return code.startsWith("5") && !code.equals("521");
    }
}
