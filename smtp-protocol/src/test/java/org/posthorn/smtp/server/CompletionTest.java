package org.posthorn.smtp.server;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.posthorn.api.auth.Identity;
import org.posthorn.api.auth.SenderPattern;
import org.posthorn.api.plugin.Session.Authentication;

import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;

class CompletionTest {
    private static final InetSocketAddress ANYBODY = new InetSocketAddress("192.0.2.1", 4321);

    private final LiveSession session =
            new LiveSession("s1", "submission", ANYBODY, ANYBODY, Instant.EPOCH);

    @ParameterizedTest
    @ValueSource(
            strings = {
                "From: mona@example.org",
                "From: =?utf-8?q?M=C3=B6na?= (home) <mona@example.org>",
                "From: Mona Q. Public <mona@example.org>",
                "From: mona@example.org, Mona <mona@example.org>",
                "From: mona@example.org, ,",
                "From: us: mona@example.org;",
                "From: mona@example.org\r\nSender: mona@example.org",
                "from: Mona\r\n <mona@example.org>"
            })
    void isFromTheAccountAlone(String header) {
        assertThat(isOwn(header)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Subject: x",
                "From:",
                "From: boss@example.org",
                "From: mona@example.org, boss@example.org",
                "From: mona@example.org, boss@bad..name",
                "From: boss@bad..name, mona@example.org",
                "From: mona@example.org, The Boss",
                "From: mona@example.org, Boss <boss@bad_name>",
                "From: mona@example.org, Boss <>",
                "From: mona@example.org, Boss <boss@example.org",
                "From: mona@example.org\r\nFrom: boss@bad..name",
                "From: mona@example.org\r\nFrom: The Boss",
                "From: mona@example.org\r\nSender: boss@bad..name",
                "From: mona@example.org\r\nSender: boss"
            })
    void whatCannotBeParsedIsNotOwn(String header) {
        assertThat(isOwn(header)).isFalse();
    }

    @Test
    void whoHasNoAccountHasNoAddressesOfItsOwn() {
        assertThat(isOwn("From: boss@example.org", session)).isTrue();
        assertThat(isOwn("Subject: x", session)).isFalse();
    }

    private boolean isOwn(String header) {
        session.authenticated(
                new Authentication(
                        new Identity("mona", List.of(SenderPattern.parse("mona@example.org"))),
                        "PLAIN",
                        "users"));
        return isOwn(header, session);
    }

    private static boolean isOwn(String header, LiveSession session) {
        return Completion.isOwn(StandardCharsets.UTF_8.encode(header + "\r\n"), session);
    }
}
