package org.posthorn.delivery;

import org.posthorn.api.smtp.Reply;
import org.posthorn.smtp.client.Capabilities;
import org.posthorn.smtp.client.ClientException;
import org.posthorn.smtp.client.ClientSession;
import org.posthorn.smtp.client.SmtpClient;
import org.posthorn.smtp.client.TlsFacts;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

import javax.net.ssl.SSLException;

/// Opens sessions as a shipment wants them: secured, and logged in. Safe for use by many threads;
/// each call blocks its own.
///
/// @param client connects
/// @param hostname our own name
/// @param clock tells how old they are
/// @param tls decides how well sessions must be secured
record Sessions(SmtpClient client, String hostname, InstantSource clock, OutgoingTls tls) {
    private static final Logger LOG = LoggerFactory.getLogger(Sessions.class);

    /// Opens a session.
    ///
    /// @throws UnfitHostException when the server cannot do what is needed
    OpenSession open(Target target, Shipment shipment)
            throws ClientException, UnfitHostException, InterruptedException {
        try {
            return secured(target, shipment, shipment.tls());
        } catch (ClientException e) {
            if (!(e.getCause() instanceof SSLException)) {
                throw e;
            }
            if (shipment.prefersTls()) {
                return secured(target, shipment, withoutSender(target, shipment));
            }
            if (shipment.requiresTls()) {
                String why = "the sender asks for TLS, and it failed: " + e.reply().text();
                throw new UnfitHostException(Reply.of(554, "5.7.10", "Not sent: " + why));
            }
            throw e;
        } catch (UnfitHostException e) {
            if (shipment.prefersTls()) {
                return secured(target, shipment, withoutSender(target, shipment));
            }
            throw e;
        }
    }

    /// Tells whether a session that was opened for other mail is as this one wants it: secured as
    /// well, and by the same login.
    ///
    /// @param now for certificates that expire
    static boolean suits(OpenSession session, Shipment shipment, Instant now) {
        Optional<TlsPolicy> policy = shipment.tls().at(session.target());
        Optional<TlsFacts> facts = session.session().tls();
        boolean secured =
                policy.isPresent()
                        && policy.get().satisfiedBy(facts, now)
                        && (facts.isPresent() || session.terms().tls() == policy.get().tls());
        boolean promised =
                !(shipment.requiresTls() || shipment.prefersTls())
                        || session.session().capabilities().offers("REQUIRETLS");
        return secured && promised && session.terms().login().equals(shipment.login());
    }

    /// Takes note that a session goes on with other mail: what its server showed counts for that
    /// mail's domain, too.
    void goesOn(OpenSession session, Shipment shipment) {
        shipment.tls()
                .at(session.target())
                .ifPresent(
                        policy -> {
                            Target target = session.target();
                            Optional<TlsFacts> facts = session.session().tls();
                            tls.judge(shipment.tls().wish(), target, policy, facts);
                        });
    }

    private TlsPlan withoutSender(Target target, Shipment shipment) throws InterruptedException {
        TlsWish wish = shipment.tls().wish().of(TlsWish.Sender.INDIFFERENT);
        return tls.plan(wish, List.of(target));
    }

    private OpenSession secured(Target target, Shipment shipment, TlsPlan plan)
            throws ClientException, UnfitHostException, InterruptedException {
        TlsPolicy policy = plan.at(target).orElseThrow();
        Optional<Reply> refusal = tls.refusal(policy);
        if (refusal.isPresent()) {
            throw new UnfitHostException(refusal.get());
        }
        ClientSession session = open(target, shipment, policy, policy.tls());
        var terms = new OpenSession.Terms(policy.tls(), shipment.login());
        return new OpenSession(session, target, terms, clock.instant());
    }

    /// @param securing whether TLS is tried
    private ClientSession open(Target target, Shipment shipment, TlsPolicy policy, boolean securing)
            throws ClientException, UnfitHostException, InterruptedException {
        ClientSession session =
                client.connect(target.address(), shipment.protocol(), implicit(shipment, policy));
        boolean opened = false;
        boolean begun = false;
        try {
            Capabilities offered = session.hello(hostname);
            begun = securing && session.tls().isEmpty() && offered.offers("STARTTLS");
            if (begun && session.startTls(policy.serverName())) {
                session.hello(hostname);
            }
            check(session, target, shipment, policy);
            logIn(session, target, shipment);
            opened = true;
            return session;
        } catch (ClientException e) {
            // Mail in clear is what there would be otherwise (RFC 7435).
            if (!begun || !policy.mayBeClear() || e.step() == ClientException.Step.AUTH) {
                throw e;
            }
        } finally {
            if (!opened) {
                session.close();
            }
        }
        return open(target, shipment, policy, false);
    }

    private static Optional<String> implicit(Shipment shipment, TlsPolicy policy) {
        return shipment.implicitTls() ? Optional.of(policy.serverName()) : Optional.empty();
    }

    private void check(ClientSession session, Target target, Shipment shipment, TlsPolicy policy)
            throws UnfitHostException {
        Optional<Reply> objection = tls.judge(shipment.tls().wish(), target, policy, session.tls());
        if (objection.isPresent()) {
            throw new UnfitHostException(objection.get());
        }
        if (shipment.requiresTls() && !session.capabilities().offers("REQUIRETLS")) {
            throw new UnfitHostException(
                    Reply.of(
                            554,
                            "5.7.30",
                            "Not sent: the server does not offer REQUIRETLS, and the sender asks"
                                    + " for it"));
        }
    }

    private static void logIn(ClientSession session, Target target, Shipment shipment)
            throws ClientException, UnfitHostException, InterruptedException {
        if (shipment.login().isEmpty()) {
            return;
        }
        LoginConfig login = shipment.login().get();
        boolean secret =
                session.tls().isPresent()
                        || target.address().getAddress().isLoopbackAddress()
                        || login.inClear();
        if (!secret) {
            throw new UnfitHostException(
                    Reply.of(454, "4.7.11", "Not sent: no TLS, so nobody logs in at this server"));
        }
        try {
            session.logIn(login.credentials());
        } catch (ClientException e) {
            throw e;
        } catch (IOException e) {
            LOG.error("the secret for {} at {} cannot be read", login.user(), target, e);
            throw new UnfitHostException(
                    Reply.of(451, "4.3.5", "Local error: the secret for the server is missing"));
        }
    }
}
