package org.posthorn.integration;

import org.posthorn.integration.harness.Configuration;
import org.posthorn.integration.harness.Ports;
import org.posthorn.integration.harness.PosthornProcess;
import org.posthorn.integration.peer.Certificate;
import org.posthorn.integration.peer.Client;
import org.posthorn.integration.peer.Dovecot;
import org.posthorn.integration.peer.Nsd;
import org.posthorn.integration.peer.Postfix;
import org.posthorn.integration.peer.Zone;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;

/// Where our mail goes: a Postfix with TLS that the MX records of a real DNS name for several
/// domains, at 127.0.0.25, and a Dovecot for `leo@lmtp.test`.
record Outside(Nsd nsd, Postfix postfix, Dovecot dovecot, PosthornProcess server)
        implements AutoCloseable {
    private static final Zone ZONE =
            Zone.of("test")
                    .mx("far.test", 10, "mx.far.test")
                    .address("mx.far.test", "127.0.0.25")
                    .mx("second.test", 10, "dead.test")
                    .mx("second.test", 20, "mx.far.test")
                    .address("dead.test", "127.0.0.26")
                    .address("implicit.test", "127.0.0.25")
                    .mx("six.test", 10, "mx.six.test")
                    .address("mx.six.test", "::1")
                    .address("grey.test", "127.0.0.27")
                    .alias("alias.test", "far.test")
                    .mx("selfish.test", 10, "mx.posthorn.test")
                    .address("mx.posthorn.test", "127.0.0.1")
                    .nullMx("nomail.test");

    /// Starts all of it, and us.
    ///
    /// @param more adds to our configuration, before the route to whatever the DNS says
    static Outside start(Path directory, UnaryOperator<Configuration> more) throws IOException {
        Nsd nsd = Nsd.serve(directory, ZONE);
        int mxPort = Ports.free();
        Postfix postfix =
                Postfix.receiving(directory, "far.test", "127.0.0.25", mxPort)
                        .set(
                                "virtual_mailbox_domains",
                                "far.test, second.test, implicit.test, alias.test, smart.test")
                        .set("smtpd_authorized_xforward_hosts", "127.0.0.0/8")
                        .offeringTls(Certificate.of("mx.far.test", directory))
                        .start();
        Dovecot dovecot = Dovecot.start(directory, List.of("leo@lmtp.test"));
        Configuration configuration =
                Configuration.forLocalClients()
                        .dns(nsd.port())
                        .line("delivery { mx-port = " + mxPort + " }")
                        .route("lmtp.test", "lmtp://127.0.0.1:" + dovecot.port())
                        .route(
                                "smart.test",
                                "smtp://127.0.0.25:" + mxPort,
                                ", send-xforward = true");
        PosthornProcess server =
                PosthornProcess.start(directory, more.apply(configuration).route("*", "mx"));
        return new Outside(nsd, postfix, dovecot, server);
    }

    /// Has a client hand us a message.
    void send(Client client, byte[] content, String... recipients) throws IOException {
        client.send(server.smtpPort(), "mona@client.test", List.of(recipients), content)
                .succeeded();
    }

    @Override
    public void close() {
        server.close();
        dovecot.close();
        postfix.close();
        nsd.close();
    }
}
