package org.posthorn.smtp.server;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.posthorn.api.plugin.Session;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What is left of a trusted peer when it speaks for another client.
class LiveSessionTest {
    private static final Session.Tls SHOWN =
            new Session.Tls(
                    "TLSv1.3",
                    "TLS_AES_128_GCM_SHA256",
                    Optional.empty(),
                    Optional.of(new Session.ClientCertificate("CN=filter", List.of(), "00", true)));

    private final LiveSession session =
            new LiveSession(
                    "s1",
                    "smtp",
                    new InetSocketAddress("127.0.0.1", 4321),
                    new InetSocketAddress("127.0.0.1", 25),
                    Instant.EPOCH);

    @ParameterizedTest
    @ValueSource(strings = {"ADDR=[UNAVAILABLE]", "addr=[tempunavail] PORT=7", "HELO=x"})
    void aClientWithoutAnAddressHasNotThatOfThePeer(String attributes) {
        become(attributes);
        assertThat(session.client().getAddress().isAnyLocalAddress()).isTrue();
        assertThat(session.client().getPort()).isNotEqualTo(4321);
        assertThat(session.peer().getAddress()).isEqualTo(InetAddress.getLoopbackAddress());
    }

    @Test
    void whatIsSaidInTwoCommandsIsOfOneClient() {
        become("ADDR=203.0.113.7 PORT=40007");
        become("HELO=x PROTO=ESMTP");
        assertThat(session.client()).isEqualTo(new InetSocketAddress("203.0.113.7", 40_007));
        become("ADDR=203.0.113.8");
        assertThat(session.client()).isEqualTo(new InetSocketAddress("203.0.113.8", 0));
        become("ADDR=[UNAVAILABLE]");
        assertThat(session.client().getAddress().isAnyLocalAddress()).isTrue();
    }

    @Test
    void thePeersCertificateIsNotTheClients() {
        byte[] binding = {1};
        session.secured(SHOWN);
        session.bindings(Map.of("tls-exporter", binding));
        assertThat(session.channel().certificate()).isPresent();
        become("ADDR=203.0.113.7");
        assertThat(session.channel().certificate()).isEmpty();
        assertThat(session.channel().bindings()).containsEntry("tls-exporter", binding);
        assertThat(session.tls()).contains(new Session.Tls("TLSv1.3", "TLS_AES_128_GCM_SHA256"));
    }

    @Test
    void norIsACertificateThatThePeerShowsLater() {
        become("ADDR=203.0.113.7");
        session.secured(SHOWN);
        session.bindings(Map.of());
        assertThat(session.channel().certificate()).isEmpty();
        assertThat(session.tls().orElseThrow().clientCertificate()).isEmpty();
    }

    @Test
    void norIsOneThatThePeerShowedToAProxy() {
        InetSocketAddress proxy = new InetSocketAddress("192.0.2.80", 1);
        Optional<String> authority = Optional.of("mx.example.org");
        session.through(
                new Session.Proxy(
                        proxy,
                        authority,
                        Optional.of(new Session.Proxied("TLSv1.3", "x", "filter", true))));
        become("ADDR=203.0.113.7");
        assertThat(session.proxy())
                .contains(
                        new Session.Proxy(
                                proxy,
                                authority,
                                Optional.of(new Session.Proxied("TLSv1.3", "x", "", false))));
    }

    @Test
    void whatThePeerDidWrongIsNotCountedAsTheClients() {
        session.misplaced();
        session.authFailed();
        become("ADDR=203.0.113.7");
        assertThat(session.misplacedCommands()).isZero();
        assertThat(session.failedAuthentications().inSession()).isZero();
    }

    @Test
    void nothingSaidBeforeTlsIsKept() {
        session.forward(ClientAttributes.parse("IDENT=q1", ClientAttributes.OF_XFORWARD));
        session.secured(SHOWN);
        assertThat(session.forwarded()).isEmpty();
    }

    private void become(String attributes) {
        session.become(ClientAttributes.parse(attributes, ClientAttributes.OF_XCLIENT));
    }
}
