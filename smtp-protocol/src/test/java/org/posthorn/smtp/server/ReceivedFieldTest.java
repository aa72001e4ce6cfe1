package org.posthorn.smtp.server;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.posthorn.api.mail.Domain;
import org.posthorn.api.mail.Envelope;
import org.posthorn.api.mail.Mailbox;
import org.posthorn.api.mail.Parameters;
import org.posthorn.api.mail.Recipient;
import org.posthorn.api.mail.ReversePath;
import org.posthorn.api.plugin.Session.ClientCertificate;
import org.posthorn.api.plugin.Session.Tls;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

class ReceivedFieldTest {
    private static final Domain HOST = Domain.parse("mx.example.org");
    private static final Instant TIME = Instant.parse("2026-01-02T03:04:05Z");
    private static final OpenTransaction EMPTY = transaction(Parameters.NONE);

    private final LiveSession session = session("192.0.2.1");

    @Test
    void saysWhoAndHowAndForWhomAndWhen() {
        session.secured(new Tls("TLSv1.3", "TLS_AES_128_GCM_SHA256"));
        session.hello("client.example", true);
        assertThat(field(EMPTY.to(to("leo@example.org"))))
                .isEqualTo(
                        "Received: from client.example ([192.0.2.1])\r\n"
                                + "\t(using TLSv1.3 with cipher TLS_AES_128_GCM_SHA256)\r\n"
                                + "\tby mx.example.org with ESMTPS id s1.7\r\n"
                                + "\tfor <leo@example.org>;\r\n"
                                + "\tFri, 2 Jan 2026 03:04:05 +0000\r\n");
    }

    @Test
    void saysWhoTheClientIsByItsCertificateAndNoMore() {
        var certificate =
                new ClientCertificate("CN=a) x\r\nEvil: b\"\\,O=é", List.of(), "00", false);
        session.secured(
                new Tls(
                        "TLSv1.2",
                        "X",
                        Optional.of(new Domain.Name("mx.example.org")),
                        Optional.of(certificate)));
        assertThat(field(EMPTY))
                .contains(
                        "\r\n\t(using TLSv1.2 with cipher X for mx.example.org)\r\n"
                                + "\t(client certificate \"CN=a xEvil: b,O=\" not verified)\r\n");
    }

    @Test
    void namesNobodyWhenThereAreSeveral() {
        session.hello("client.example", true);
        assertThat(field(EMPTY.to(to("leo@example.org")).to(to("lea@example.org"))))
                .doesNotContain("for <");
    }

    @Test
    void knowsTheKeywordOfTheProtocol() {
        session.hello("client.example", false);
        assertThat(field(EMPTY)).contains(" with SMTP id ");
        session.hello("client.example", true);
        assertThat(field(EMPTY)).contains(" with ESMTP id ");
        OpenTransaction utf8 = transaction(new Parameters(Map.of("SMTPUTF8", "")));
        assertThat(field(utf8)).contains(" with UTF8SMTP id ");
        session.secured(new Tls("TLSv1.2", "X"));
        session.hello("client.example", true);
        assertThat(field(utf8)).contains(" with UTF8SMTPS id ");
        assertThat(ReceivedField.protocol(session, false, false)).isEqualTo("ESMTPS");
        assertThat(ReceivedField.protocol(session, true, false)).isEqualTo("LMTPS");
        assertThat(ReceivedField.protocol(session, true, true)).isEqualTo("UTF8LMTPS");
    }

    @Test
    void showsTheAddressAloneForANameThatCouldBreakTheField() {
        session.hello("(evil", true);
        assertThat(field(EMPTY)).startsWith("Received: from [192.0.2.1]\r\n");
        session.hello("[IPv6:2001:db8::1]", true);
        assertThat(field(EMPTY)).startsWith("Received: from [IPv6:2001:db8::1] ([192.0.2.1])\r\n");
    }

    @Test
    void writesAddressesOfBothKinds() {
        LiveSession v6 = session("2001:db8::9");
        v6.hello("client.example", true);
        assertThat(
                        new String(
                                ReceivedField.of(v6, EMPTY, HOST, 1, false, TIME),
                                StandardCharsets.UTF_8))
                .startsWith("Received: from client.example ([IPv6:2001:db8:0:0:0:0:0:9])\r\n");
    }

    private String field(OpenTransaction transaction) {
        return new String(
                ReceivedField.of(session, transaction, HOST, 7, false, TIME),
                StandardCharsets.UTF_8);
    }

    private static LiveSession session(String client) {
        InetSocketAddress address = new InetSocketAddress(InetAddress.ofLiteral(client), 4000);
        return new LiveSession("s1", "smtp", address, address, TIME);
    }

    private static OpenTransaction transaction(Parameters parameters) {
        return OpenTransaction.begin(Envelope.from(ReversePath.NULL, parameters), 0, false);
    }

    private static Recipient to(String mailbox) {
        return Recipient.of(Mailbox.parse(mailbox));
    }
}
