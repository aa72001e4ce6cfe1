package org.posthorn.delivery;

import org.posthorn.api.smtp.Reply;
import org.posthorn.smtp.client.Capabilities;
import org.posthorn.smtp.client.ClientException;
import org.posthorn.smtp.client.ClientSession;
import org.posthorn.smtp.client.SmtpClient;
import org.posthorn.smtp.client.TlsLevel;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.time.InstantSource;
import java.util.Optional;

import javax.net.ssl.SSLException;

/// Opens sessions as a shipment wants them: secured, and logged in. Safe for use by many threads;
/// each call blocks its own.
///
/// @param client connects
/// @param hostname our own name
/// @param clock tells how old they are
record Sessions(SmtpClient client, String hostname, InstantSource clock) {
    private static final Logger LOG = LoggerFactory.getLogger(Sessions.class);

    /// Opens a session.
    ///
    /// @throws UnfitHostException when the server cannot do what is needed
    OpenSession open(Target target, Shipment shipment)
            throws ClientException, UnfitHostException, InterruptedException {
        try {
            return ready(target, shipment, level(shipment));
        } catch (ClientException e) {
            if (!(e.getCause() instanceof SSLException)) {
                throw e;
            }
            if (shipment.prefersTls()) {
                return ready(target, shipment, shipment.tls());
            }
            if (shipment.requiresTls()) {
                String why = "the sender asks for TLS, and it failed: " + e.reply().text();
                throw new UnfitHostException(Reply.of(554, "5.7.10", "Not sent: " + why));
            }
            throw e;
        } catch (UnfitHostException e) {
            if (shipment.prefersTls()) {
                return ready(target, shipment, shipment.tls());
            }
            throw e;
        }
    }

    /// Tells whether a session that was opened for other mail is as this one wants it: secured as
    /// well, and by the same login.
    static boolean suits(OpenSession session, Shipment shipment) {
        TlsLevel wanted = level(shipment);
        TlsLevel least = wanted == TlsLevel.MAY ? TlsLevel.ENCRYPT : wanted;
        boolean secured =
                session.terms().wanted() == wanted
                        || wanted != TlsLevel.NONE
                                && session.session().security().compareTo(least) >= 0;
        boolean promised =
                !(shipment.requiresTls() || shipment.prefersTls())
                        || session.session().capabilities().offers("REQUIRETLS");
        return secured && promised && session.terms().login().equals(shipment.login());
    }

    private OpenSession ready(Target target, Shipment shipment, TlsLevel level)
            throws ClientException, UnfitHostException, InterruptedException {
        ClientSession session = open(target, shipment, level);
        return new OpenSession(
                session, target, new OpenSession.Terms(level, shipment.login()), clock.instant());
    }

    private static TlsLevel level(Shipment shipment) {
        return shipment.requiresTls() || shipment.prefersTls() ? TlsLevel.VERIFY : shipment.tls();
    }

    private ClientSession open(Target target, Shipment shipment, TlsLevel level)
            throws ClientException, UnfitHostException, InterruptedException {
        ClientSession session =
                client.connect(
                        target.address(), shipment.protocol(), implicit(target, shipment, level));
        boolean opened = false;
        boolean securing = false;
        try {
            Capabilities offered = session.hello(hostname);
            securing =
                    session.security() == TlsLevel.NONE
                            && level != TlsLevel.NONE
                            && offered.offers("STARTTLS");
            if (securing && session.startTls(target.host(), level == TlsLevel.VERIFY)) {
                session.hello(hostname);
            }
            check(session, shipment, level);
            logIn(session, target, shipment);
            opened = true;
            return session;
        } catch (ClientException e) {
            // Mail in clear is what there would be otherwise (RFC 7435).
            if (!securing || level != TlsLevel.MAY || e.step() == ClientException.Step.AUTH) {
                throw e;
            }
        } finally {
            if (!opened) {
                session.close();
            }
        }
        return open(target, shipment, TlsLevel.NONE);
    }

    private static Optional<SmtpClient.Implicit> implicit(
            Target target, Shipment shipment, TlsLevel level) {
        boolean verified = level == TlsLevel.VERIFY;
        return shipment.implicitTls()
                ? Optional.of(new SmtpClient.Implicit(target.host(), verified))
                : Optional.empty();
    }

    private static void check(ClientSession session, Shipment shipment, TlsLevel level)
            throws UnfitHostException {
        boolean needed = level == TlsLevel.ENCRYPT || level == TlsLevel.VERIFY;
        if (needed && session.security().compareTo(level) < 0) {
            throw new UnfitHostException(
                    shipment.requiresTls()
                            ? Reply.of(
                                    554,
                                    "5.7.10",
                                    "Not sent: the server does not offer TLS, and the sender asks"
                                            + " for it")
                            : Reply.of(
                                    454,
                                    "4.7.10",
                                    "Not sent: the server does not offer TLS, and the route asks"
                                            + " for it"));
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
                session.security() != TlsLevel.NONE
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
