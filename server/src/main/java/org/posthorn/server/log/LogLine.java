package org.posthorn.server.log;

import org.posthorn.api.delivery.Outcome;
import org.posthorn.api.event.MailEvent;
import org.posthorn.api.mail.Envelope;
import org.posthorn.api.mail.Mailbox;
import org.posthorn.api.mail.MessageId;
import org.posthorn.api.mail.ReversePath;
import org.posthorn.api.plugin.Session;

import java.net.InetSocketAddress;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/// One line of the mail log, in logfmt: `key=value` pairs, the message's id first where there is
/// one, then the event. A value with a space, a quote or a control character is quoted, so that
/// nobody can forge a line or a pair. For one thread.
final class LogLine {
    private final StringBuilder line = new StringBuilder(200);

    private LogLine() {}

    static String of(MailEvent event) {
        return switch (event) {
            case MailEvent.Connected it -> connected(it);
            case MailEvent.Secured it -> secured(it);
            case MailEvent.TalkedEarly it ->
                    session("talked-early", it.at(), it.session())
                            .put("client", it.client())
                            .line();
            case MailEvent.Disconnected it -> disconnected(it);
            case MailEvent.Authenticated it -> authenticated(it);
            case MailEvent.AuthenticationFailed it -> authenticationFailed(it);
            case MailEvent.Refused it -> refused(it);
            case MailEvent.PluginFailed it -> pluginFailed(it);
            case MailEvent.Accepted it -> accepted(it);
            case MailEvent.Discarded it -> discarded(it);
            case MailEvent.Attempted it -> attempted(it);
            case MailEvent.Bounced it -> bounced(it);
            case MailEvent.BounceDiscarded it ->
                    about(it.message(), "bounce-discarded", it.at())
                            .put("recipients", mailboxes(it.recipients()))
                            .line();
            case MailEvent.Notified it -> notified(it);
            case MailEvent.Finished it -> about(it.message(), "finished", it.at()).line();
            case MailEvent.Operated it -> operated(it);
            case MailEvent.StoreFailed it ->
                    server("store-failed", it.at()).put("problem", it.problem()).line();
            case MailEvent.StoreResumed it -> server("store-resumed", it.at()).line();
        };
    }

    private static String operated(MailEvent.Operated it) {
        return about(it.message(), "operated", it.at())
                .put("operation", it.operation())
                .put("detail", unlessEmpty(it.detail()))
                .put("who", it.who())
                .put("why", unlessEmpty(it.why()))
                .put("jobs", it.jobs())
                .line();
    }

    private static Optional<String> unlessEmpty(String text) {
        return Optional.of(text).filter(it -> !it.isEmpty());
    }

    private static String connected(MailEvent.Connected it) {
        return session("connected", it.at(), it.session())
                .put("listener", it.listener())
                .put("client", it.client())
                .line();
    }

    private static String secured(MailEvent.Secured it) {
        Optional<Session.ClientCertificate> certificate = it.tls().clientCertificate();
        return session("secured", it.at(), it.session())
                .put("client", it.client())
                .put("protocol", it.tls().protocol())
                .put("cipher", it.tls().cipher())
                .put("server-name", it.tls().serverName())
                .put("certificate", certificate.map(Session.ClientCertificate::subject))
                .put("sha256", certificate.map(Session.ClientCertificate::sha256))
                .put("verified", certificate.map(Session.ClientCertificate::verified))
                .line();
    }

    private static String disconnected(MailEvent.Disconnected it) {
        return session("disconnected", it.at(), it.session())
                .put("client", it.client())
                .put("reason", word(it.reason()))
                .put("messages", it.messages())
                .line();
    }

    private static String authenticated(MailEvent.Authenticated it) {
        return session("authenticated", it.at(), it.session())
                .put("client", it.client())
                .put("mechanism", it.mechanism())
                .put("name", it.name())
                .put("plugin", it.plugin())
                .line();
    }

    private static String authenticationFailed(MailEvent.AuthenticationFailed it) {
        return session("authentication-failed", it.at(), it.session())
                .put("client", it.client())
                .put("mechanism", it.mechanism())
                .put("name", it.name())
                .put("reason", it.reason())
                .line();
    }

    private static String refused(MailEvent.Refused it) {
        return session("refused", it.at(), it.session())
                .put("client", it.client())
                .put("command", it.command())
                .put("argument", it.argument())
                .put("plugin", it.plugin())
                .put("reply", it.reply())
                .line();
    }

    private static String pluginFailed(MailEvent.PluginFailed it) {
        return session("plugin-failed", it.at(), it.session())
                .put("plugin", it.plugin())
                .put("hook", it.hook())
                .put("failure", it.failure())
                .line();
    }

    private static String accepted(MailEvent.Accepted it) {
        return about(it.message(), "accepted", it.at())
                .put("from", it.envelope().sender())
                .put("to", recipients(it.envelope()))
                .put("size", it.size())
                .put("session", it.session())
                .put("hold", it.hold())
                .line();
    }

    private static String discarded(MailEvent.Discarded it) {
        return session("discarded", it.at(), it.session())
                .put("from", it.envelope().sender())
                .put("to", recipients(it.envelope()))
                .put("plugin", it.plugin())
                .put("reason", it.reason())
                .line();
    }

    private static String attempted(MailEvent.Attempted it) {
        return about(it.message(), word(it.outcome()), it.at())
                .put("to", ReversePath.of(it.recipient()))
                .put("transport", it.transport())
                .put("remote", it.remote())
                .put("reply", it.outcome().reply())
                .put("class", it.kind())
                .put("attempt", it.attempt())
                .put("next", it.next())
                .line();
    }

    private static String bounced(MailEvent.Bounced it) {
        return about(it.message(), "bounced", it.at())
                .put("bounce", it.bounce())
                .put("to", it.to())
                .put("recipients", mailboxes(it.recipients()))
                .line();
    }

    private static String notified(MailEvent.Notified it) {
        return about(it.message(), "notified", it.at())
                .put("report", it.report())
                .put("action", it.action())
                .put("to", it.to())
                .put("recipients", mailboxes(it.recipients()))
                .line();
    }

    private static String word(Outcome outcome) {
        return switch (outcome) {
            case Outcome.Delivered _ -> "delivered";
            case Outcome.Deferred _ -> "deferred";
            case Outcome.Failed _ -> "failed";
        };
    }

    private static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static String recipients(Envelope envelope) {
        return paths(
                envelope.recipients().stream().map(it -> ReversePath.of(it.mailbox())).toList());
    }

    private static String paths(List<ReversePath> paths) {
        return paths.stream().map(ReversePath::toString).collect(Collectors.joining(","));
    }

    private static String mailboxes(List<Mailbox> mailboxes) {
        return paths(mailboxes.stream().map(ReversePath::of).toList());
    }

    private static LogLine about(MessageId message, String event, Instant at) {
        return new LogLine()
                .put("id", message)
                .put("event", event)
                .put("at", at.truncatedTo(ChronoUnit.MILLIS));
    }

    private static LogLine server(String event, Instant at) {
        return new LogLine().put("event", event).put("at", at.truncatedTo(ChronoUnit.MILLIS));
    }

    private static LogLine session(String event, Instant at, String session) {
        return new LogLine()
                .put("event", event)
                .put("at", at.truncatedTo(ChronoUnit.MILLIS))
                .put("session", session);
    }

    private LogLine put(String key, Optional<?> value) {
        return value.map(it -> put(key, it)).orElse(this);
    }

    private LogLine put(String key, Object value) {
        if (!line.isEmpty()) {
            line.append(' ');
        }
        line.append(key).append('=');
        String text =
                value instanceof InetSocketAddress address
                        ? address.getAddress().getHostAddress() + ":" + address.getPort()
                        : value.toString();
        if (text.isEmpty() || needsQuotes(text)) {
            quote(text);
        } else {
            line.append(text);
        }
        return this;
    }

    private static boolean needsQuotes(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (needsQuotes(text.charAt(i))) {
                return true;
            }
        }
        return false;
    }

    private static boolean needsQuotes(int c) {
        return c == '"' || c == '\\' || Character.isWhitespace(c) || UnsafeText.isUnsafe(c);
    }

    private void quote(String text) {
        line.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                line.append('\\').append(c);
            } else if (UnsafeText.isUnsafe(c)) {
                line.append(UnsafeText.escape(c));
            } else {
                line.append(c);
            }
        }
        line.append('"');
    }

    private String line() {
        return line.toString();
    }
}
