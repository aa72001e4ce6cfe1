package org.posthorn.testkit.dialogue;

import org.posthorn.api.mail.Domain;
import org.posthorn.api.mail.Recipient;
import org.posthorn.api.plugin.Hooks;
import org.posthorn.api.plugin.Session;
import org.posthorn.api.plugin.SessionHooks;
import org.posthorn.api.plugin.Transaction;
import org.posthorn.api.plugin.Verdict;

import java.net.InetSocketAddress;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// Shows to scripts what plugins see: `RCPT TO:<client@facts.example>` is refused with the address
/// of the client, and so on.
final class Facts implements Hooks {
    private static final Domain ASKED = new Domain.Name("facts.example");

    @Override
    public SessionHooks join(Session session) {
        String joined = session.client().getAddress().getHostAddress();
        return new SessionHooks() {
            @Override
            public Verdict rcpt(Transaction transaction, Recipient recipient) {
                return recipient.mailbox().domain().equals(ASKED)
                        ? Verdict.reject(
                                550,
                                "5.7.1",
                                fact(recipient.mailbox().localPart(), session, joined))
                        : Verdict.NO_OPINION;
            }
        };
    }

    private static String fact(String name, Session session, String joined) {
        return switch (name) {
            case "joined" -> joined;
            case "client" -> text(session.client());
            case "local" -> text(session.local());
            case "name" -> session.clientName().orElse("none");
            case "proxy" -> session.proxy().map(Facts::text).orElse("none");
            case "login" ->
                    session.authentication()
                            .map(it -> it.identity().name() + " by " + it.mechanism())
                            .orElse("none");
            case "forwarded" ->
                    session.forwarded().isEmpty()
                            ? "none"
                            : new TreeMap<>(session.forwarded())
                                    .entrySet().stream()
                                            .map(it -> it.getKey() + "=" + it.getValue())
                                            .collect(Collectors.joining(" "));
            default -> "no such fact";
        };
    }

    private static String text(InetSocketAddress address) {
        return address.getAddress().getHostAddress() + " port " + address.getPort();
    }

    private static String text(Session.Proxy proxy) {
        return proxy.address().getAddress().getHostAddress()
                + proxy.authority().map(it -> " for " + it).orElse("")
                + proxy.tls().map(Facts::text).orElse("");
    }

    private static String text(Session.Proxied tls) {
        return ", "
                + tls.protocol()
                + " "
                + tls.cipher()
                + " "
                + tls.commonName()
                + (tls.verified() ? " verified" : "");
    }

    @Override
    public boolean mayBlock() {
        return false;
    }
}
