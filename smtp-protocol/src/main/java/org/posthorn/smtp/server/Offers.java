package org.posthorn.smtp.server;

import org.posthorn.api.plugin.Session;
import org.posthorn.api.smtp.Reply;
import org.posthorn.smtp.server.ListenerConfig.Kind;
import org.posthorn.smtp.server.ListenerConfig.Tls;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/// What one listener offers behind `EHLO` or `LHLO` (RFC 5321 §4.1.1.1). Safe for use by many
/// threads.
///
/// The replies are made once for each state of a session, and anew each hour: the latest date of
/// `FUTURERELEASE` moves on.
final class Offers {
    private final SmtpSettings settings;
    private final Authenticator authenticator;
    private final Set<Extension> offered;
    private volatile Hour hour = new Hour(Instant.MIN, Map.of());

    /// The replies of an hour.
    ///
    /// @param end when they are to be made anew
    /// @param byPhase by [Phase]
    private record Hour(Instant end, Map<Phase, Reply> byPhase) {}

    /// What a session's state is, as far as it matters for what is offered.
    private enum Phase {
        PLAIN,
        SECURED;

        static Phase of(Session session) {
            return session.tls().isPresent() ? SECURED : PLAIN;
        }
    }

    /// @param certificate whether there is one, without which there is no TLS
    Offers(
            SmtpSettings settings,
            ListenerConfig listener,
            boolean certificate,
            Authenticator authenticator) {
        this.settings = settings;
        this.authenticator = authenticator;
        this.offered = EnumSet.allOf(Extension.class);
        offered.removeAll(listener.discardEhloKeywords().stream().map(Extension::named).toList());
        drop(Extension.STARTTLS, listener.tls() != Tls.STARTTLS || !certificate);
        drop(Extension.BINARYMIME, !offered.contains(Extension.CHUNKING));
        // RFC 6531 §3.1: who offers SMTPUTF8 offers 8BITMIME.
        drop(Extension.SMTPUTF8, !offered.contains(Extension.EIGHT_BIT_MIME));
        drop(Extension.ETRN, !listener.etrn());
        drop(Extension.AUTH, !authenticator.isOffered());
        drop(Extension.EXPN, !settings.extensions().expnReply().isSuccess());
        drop(Extension.FUTURERELEASE, settings.extensions().maxHold().isZero());
        if (listener.kind() == Kind.LMTP) {
            offered.removeAll(Set.of(Extension.PRDR, Extension.FUTURERELEASE, Extension.ETRN));
        }
    }

    private void drop(Extension extension, boolean when) {
        if (when) {
            offered.remove(extension);
        }
    }

    /// Tells whether a session may use an extension: whether it was offered, in its state, to a
    /// client that asked.
    boolean has(Extension extension, Session session) {
        return session.extended()
                && (extension == Extension.AUTH
                        ? any(extension) && authenticator.isSafe(session)
                        : has(extension, Phase.of(session)));
    }

    /// Tells whether sessions may use an extension, in whatever state.
    boolean any(Extension extension) {
        return offered.contains(extension);
    }

    private boolean has(Extension extension, Phase phase) {
        boolean now =
                switch (extension) {
                    case STARTTLS -> phase == Phase.PLAIN;
                    case REQUIRETLS -> phase == Phase.SECURED;
                    case AUTH -> false;
                    case PIPELINING,
                            SIZE,
                            EIGHT_BIT_MIME,
                            SMTPUTF8,
                            ENHANCEDSTATUSCODES,
                            CHUNKING,
                            BINARYMIME,
                            DSN,
                            LIMITS,
                            MT_PRIORITY,
                            DELIVERBY,
                            FUTURERELEASE,
                            PRDR,
                            ETRN,
                            EXPN,
                            HELP ->
                            true;
                };
        return now && offered.contains(extension);
    }

    /// Returns the reply to `EHLO` or `LHLO`.
    Reply reply(LiveSession session, Instant now) {
        Reply fixed = fixed(session, now);
        List<String> mechanisms =
                any(Extension.AUTH)
                        ? authenticator.mechanisms(session, session.channel())
                        : List.of();
        if (mechanisms.isEmpty()) {
            return fixed;
        }
        List<String> lines = new ArrayList<>(fixed.lines());
        lines.add("AUTH " + String.join(" ", mechanisms));
        return new Reply(fixed.code(), fixed.status(), lines);
    }

    /// What does not depend on who could authenticate how.
    private Reply fixed(Session session, Instant now) {
        Hour current = hour;
        if (!now.isBefore(current.end())) {
            current = from(now.truncatedTo(ChronoUnit.HOURS));
            hour = current;
        }
        return Objects.requireNonNull(current.byPhase().get(Phase.of(session)));
    }

    private Hour from(Instant start) {
        Map<Phase, Reply> byPhase = new EnumMap<>(Phase.class);
        for (Phase phase : Phase.values()) {
            List<String> lines = new ArrayList<>(List.of(settings.hostname().ascii()));
            for (Extension extension : Extension.values()) {
                if (has(extension, phase)) {
                    lines.add(line(extension, start));
                }
            }
            byPhase.put(phase, new Reply(250, Optional.empty(), lines));
        }
        return new Hour(start.plus(1, ChronoUnit.HOURS), byPhase);
    }

    private String line(Extension extension, Instant start) {
        SmtpExtensions limits = settings.extensions();
        String keyword = extension.keyword();
        return switch (extension) {
            case SIZE -> keyword + " " + settings.message().maxSize().bytes();
            case LIMITS -> {
                int messages = settings.limits().maxMessages();
                yield keyword
                        + (messages == 0 ? "" : " MAILMAX=" + messages)
                        + " RCPTMAX="
                        + settings.limits().maxRecipients();
            }
            case DELIVERBY -> {
                Duration least = limits.minDeliverBy();
                yield least.isZero() ? keyword : keyword + " " + least.toSeconds();
            }
            case FUTURERELEASE -> {
                Duration most = limits.maxHold();
                yield keyword + " " + most.toSeconds() + " " + start.plus(most);
            }
            case PIPELINING,
                    EIGHT_BIT_MIME,
                    SMTPUTF8,
                    ENHANCEDSTATUSCODES,
                    CHUNKING,
                    BINARYMIME,
                    DSN,
                    STARTTLS,
                    AUTH,
                    REQUIRETLS,
                    MT_PRIORITY,
                    PRDR,
                    ETRN,
                    EXPN,
                    HELP ->
                    keyword;
        };
    }
}
