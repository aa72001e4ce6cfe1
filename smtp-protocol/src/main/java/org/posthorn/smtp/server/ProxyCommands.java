package org.posthorn.smtp.server;

import org.posthorn.api.net.Network;
import org.posthorn.api.plugin.CloseReason;
import org.posthorn.api.smtp.Reply;
import org.posthorn.smtp.server.Command.Xclient;
import org.posthorn.smtp.server.Command.Xforward;
import org.posthorn.smtp.server.State.Closed;
import org.posthorn.smtp.server.State.Open;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/// What trusted peers say of the clients that they speak for: `XCLIENT` and `XFORWARD`, as Postfix
/// documents them. Confined to the session's event loop.
final class ProxyCommands {
    private final Service service;
    private final LiveSession session;
    private final SessionPlugins plugins;
    private final HelloCommands hellos;

    ProxyCommands(
            Service service, LiveSession session, SessionPlugins plugins, HelloCommands hellos) {
        this.service = service;
        this.session = session;
        this.plugins = plugins;
        this.hellos = hellos;
    }

    /// Begins anew, as the session of another client.
    CompletableFuture<Step> xclient(Open now, Xclient command) {
        if (!trusts(service.config().xclientHosts(), session)) {
            return Step.at(now, Replies.NOT_TRUSTED);
        }
        InetAddress former = session.client().getAddress();
        InetAddress next = session.spokenFor(command.attributes()).getAddress();
        Reply refusal = service.doorkeeper().exchange(former, next);
        if (refusal != null) {
            return Step.at(new Closed(CloseReason.REFUSED), refusal);
        }
        session.become(command.attributes());
        plugins.renew();
        return hellos.greet();
    }

    /// Keeps what is said of where the next message comes from.
    CompletableFuture<Step> xforward(Open now, Xforward command) {
        if (!trusts(service.config().xforwardHosts(), session)) {
            return Step.at(now, Replies.NOT_TRUSTED);
        }
        session.forward(command.attributes());
        return Step.at(now, Replies.OK);
    }

    /// Returns the reply to `EHLO` with what this peer may use besides.
    static Reply offered(Service service, LiveSession session, Reply ehlo) {
        boolean xclient = trusts(service.config().xclientHosts(), session);
        boolean xforward = trusts(service.config().xforwardHosts(), session);
        if (!xclient && !xforward) {
            return ehlo;
        }
        List<String> lines = new ArrayList<>(ehlo.lines());
        if (xclient) {
            lines.add("XCLIENT " + ClientAttributes.OF_XCLIENT);
        }
        if (xforward) {
            lines.add("XFORWARD " + ClientAttributes.OF_XFORWARD);
        }
        return new Reply(ehlo.code(), ehlo.status(), lines);
    }

    /// It is the peer itself that counts, whomever it speaks for.
    private static boolean trusts(List<Network> networks, LiveSession session) {
        InetAddress peer = session.peer().getAddress();
        return networks.stream().anyMatch(network -> network.contains(peer));
    }
}
