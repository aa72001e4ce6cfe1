package org.posthorn.testkit.dialogue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.posthorn.smtp.EventLoops;
import org.posthorn.smtp.server.SmtpServer;
import org.posthorn.testkit.ManualClock;
import org.posthorn.testkit.RecordingIntake;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/// Each script of `smtp-protocol` is played in memory and over a socket.
class DialoguesTest {
    private static final Path SCRIPTS = Path.of("../smtp-protocol/src/test/resources/dialogues");

    private static EventLoops loops;

    private final RecordingIntake intake = new RecordingIntake();

    @BeforeAll
    static void start() {
        loops = EventLoops.start(1);
    }

    @AfterAll
    static void stop() {
        loops.close();
    }

    @TestFactory
    Stream<DynamicTest> inMemory() throws IOException {
        return played(SCRIPTS, TestServers.usual(intake, loops));
    }

    @TestFactory
    Stream<DynamicTest> inMemoryWithSmallLimits() throws IOException {
        return played(SCRIPTS.resolve("limits"), TestServers.small(intake, loops));
    }

    /// Each of these directories has a listener of its name. ETRN asks on threads of its own.
    @ParameterizedTest
    @ValueSource(strings = {"lmtp", "normalise", "discard", "plain-codes"})
    void inMemoryAtAListenerOfItsOwn(String name) throws IOException {
        play(name, TestServers.usual(intake, loops));
    }

    @ParameterizedTest
    @ValueSource(strings = {"proxied", "trusted"})
    void inMemoryBehindOthers(String name) throws IOException {
        play(name, TestServers.withOthersInFront(intake, loops));
    }

    private void play(String name, SmtpServer server) throws IOException {
        for (Dialogue script : Dialogue.readAll(SCRIPTS.resolve(name))) {
            play(script, server, name, "127.0.0.1");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"lmtp", "normalise", "discard", "plain-codes", "etrn"})
    void overSocketsAtAListenerOfItsOwn(String name) throws Exception {
        play(name, TestServers.usual(intake, loops), "nobody");
    }

    @ParameterizedTest
    @ValueSource(strings = {"proxied", "proxied-tls", "trusted"})
    void overSocketsBehindOthers(String name) throws Exception {
        play(name, TestServers.withOthersInFront(intake, loops), "nobody");
    }

    @Test
    void overSocketsWithACertificate() throws Exception {
        play("external", TestServers.withOthersInFront(intake, loops), "client");
    }

    @ParameterizedTest
    @ValueSource(strings = {"nobody", "stranger"})
    void overSocketsWithoutACertificateOfUse(String client) throws Exception {
        play("external-stranger", TestServers.withOthersInFront(intake, loops), client);
    }

    /// Plays a directory at the listener of its name, with a certificate of the client's.
    private static void play(String name, SmtpServer server, String certificate) throws Exception {
        try (server) {
            InetSocketAddress address = server.start().get(name);
            for (Dialogue script : Dialogue.readAll(SCRIPTS.resolve(name))) {
                try (var peer = new SocketPeer(address, TestTls.client(certificate))) {
                    script.play(peer);
                }
            }
        }
    }

    @TestFactory
    Stream<DynamicTest> inMemoryAtNoon() throws IOException {
        return played(SCRIPTS.resolve("clock"), TestServers.usual(intake, loops));
    }

    @TestFactory
    Stream<DynamicTest> inMemoryWithUsers() throws IOException {
        return scripts(SCRIPTS.resolve("auth"))
                .map(
                        script ->
                                dynamicTest(
                                        script.name(),
                                        () -> play(script, users(), "submission", "127.0.0.1")));
    }

    @TestFactory
    Stream<DynamicTest> overSocketsWithUsers() throws IOException {
        return scripts(SCRIPTS.resolve("auth"))
                .map(
                        script ->
                                dynamicTest(
                                        script.name(),
                                        () -> {
                                            try (SmtpServer server = users()) {
                                                play(script, server.start().get("submission"));
                                            }
                                        }));
    }

    private SmtpServer users() {
        return TestServers.submission(
                TestServers.known(TestServers.mona(), TestServers.tokens()),
                TestServers.patient(),
                intake,
                _ -> {},
                ManualClock.atNoon(),
                loops);
    }

    private Stream<DynamicTest> played(Path directory, SmtpServer server) throws IOException {
        return scripts(directory)
                .map(script -> dynamicTest(script.name(), () -> play(script, server)));
    }

    private void play(Dialogue script, SmtpServer server) throws IOException {
        play(script, server, "smtp", "192.0.2.1");
    }

    private void play(Dialogue script, SmtpServer server, String listener, String client)
            throws IOException {
        var peer = new MemoryPeer(server, listener, client);
        try (peer) {
            script.play(peer);
        }
        assertThat(peer.octetsHeld()).isZero();
        assertThat(server.sessions()).isZero();
        assertThat(intake.openDrafts()).isZero();
    }

    @TestFactory
    Stream<DynamicTest> overSockets() throws IOException {
        return connected(SCRIPTS, TestServers.usual(intake, loops));
    }

    @TestFactory
    Stream<DynamicTest> overSocketsWithSmallLimits() throws IOException {
        return connected(SCRIPTS.resolve("limits"), TestServers.small(intake, loops));
    }

    private Stream<DynamicTest> connected(Path directory, SmtpServer server) throws IOException {
        InetSocketAddress address = server.start().get("smtp");
        return scripts(directory)
                .map(script -> dynamicTest(script.name(), () -> play(script, address)))
                .onClose(server::close);
    }

    private static void play(Dialogue script, InetSocketAddress server) throws IOException {
        try (var peer = new SocketPeer(server)) {
            script.play(peer);
        }
    }

    private static Stream<Dialogue> scripts(Path directory) throws IOException {
        List<Dialogue> scripts = Dialogue.readAll(directory);
        assertThat(scripts).isNotEmpty();
        return scripts.stream();
    }
}
