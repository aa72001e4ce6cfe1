package org.posthorn.smtp.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;

import org.posthorn.api.config.ByteSize;
import org.posthorn.api.event.MailEvent;
import org.posthorn.api.intake.RetryRequests;
import org.posthorn.api.mail.Domain;
import org.posthorn.api.mail.Recipient;
import org.posthorn.api.net.Network;
import org.posthorn.api.plugin.CloseReason;
import org.posthorn.api.plugin.Hooks;
import org.posthorn.api.plugin.Session;
import org.posthorn.api.plugin.SessionHooks;
import org.posthorn.api.plugin.Transaction;
import org.posthorn.api.plugin.Verdict;
import org.posthorn.smtp.EventLoops;
import org.posthorn.smtp.server.ListenerConfig.Kind;
import org.posthorn.smtp.server.ListenerConfig.Tls;
import org.posthorn.testkit.ManualClock;
import org.posthorn.testkit.RecordingIntake;
import org.posthorn.testkit.dialogue.MemoryPeer;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/// Whole sessions: whatever a client sends, each reply is one, nothing fails on our side, nothing
/// is kept when it has gone, and how the network cut it makes no difference.
class SessionFuzz {
    private static final EventLoops UNUSED = EventLoops.startNio(1);
    private static final List<String> LISTENERS = List.of("smtp", "lmtp", "normalise", "trusting");
    private static final String CLIENT = "192.0.2.1";

    /// What came of a session.
    ///
    /// @param replies their lines, without what changes from session to session
    /// @param messages how many were committed
    private record Seen(List<String> replies, int messages) {}

    /// @param octets the first of them says which listener
    @FuzzTest(maxDuration = "15s")
    void sessions(byte[] octets) throws IOException {
        if (octets.length == 0) {
            return;
        }
        String listener = LISTENERS.get(Math.floorMod(octets[0], LISTENERS.size()));
        byte[] sent = Arrays.copyOfRange(octets, 1, octets.length);
        Seen whole = play(listener, sent, Math.max(1, sent.length));
        Seen cut = play(listener, sent, 7);
        // What is sent in one piece with STARTTLS is refused for that, and only then.
        if (!new String(sent, StandardCharsets.ISO_8859_1).matches("(?is).*starttls.*")) {
            assertThat(cut).isEqualTo(whole);
        }
        assertThat(whole.replies()).allMatch(line -> line.matches("[2-5]\\d\\d[- ].*|[2-5]\\d\\d"));
    }

    private static Seen play(String listener, byte[] octets, int atOnce) throws IOException {
        RecordingIntake intake = new RecordingIntake();
        List<MailEvent> events = new ArrayList<>();
        SmtpServer server = server(intake, events);
        List<String> replies = new ArrayList<>();
        MemoryPeer peer = new MemoryPeer(server, listener, CLIENT);
        try {
            for (int at = 0; at < octets.length; at += atOnce) {
                peer.send(Arrays.copyOfRange(octets, at, Math.min(octets.length, at + atOnce)));
            }
            peer.advance(Duration.ofHours(1));
            Optional<String> line = peer.line();
            while (line.isPresent()) {
                replies.add(line.get().replaceFirst("(?<=[Qq]ueued as ).*", ""));
                line = peer.line();
            }
        } finally {
            peer.close();
        }
        assertThat(peer.octetsHeld()).as("octets held").isZero();
        assertThat(intake.openDrafts()).as("drafts open").isZero();
        assertThat(server.sessions()).as("sessions").isZero();
        assertThat(events)
                .noneMatch(
                        event ->
                                event instanceof MailEvent.Disconnected gone
                                        && gone.reason() == CloseReason.FAILURE);
        return new Seen(replies, intake.messages().size());
    }

    private static SmtpServer server(RecordingIntake intake, List<MailEvent> events) {
        ListenerConfig usual = ListenerConfig.of("127.0.0.1", 0, Kind.SMTP, Tls.NONE);
        List<Network> clients = List.of(Network.parse(CLIENT));
        return new SmtpServer(
                new SmtpSettings(
                        new Domain.Name("mx.example.org"),
                        Map.of(
                                "smtp",
                                usual,
                                "lmtp",
                                ListenerConfig.of("127.0.0.1", 0, Kind.LMTP, Tls.NONE),
                                "normalise",
                                usual.with(ListenerConfig.BareLineEnds.NORMALISE, false),
                                "trusting",
                                usual.trusting(new ProxyProtocol(clients), clients, clients)),
                        SmtpLimits.DEFAULT,
                        new MessageLimits(new ByteSize(65_536), new ByteSize(4096), 998, 5),
                        SmtpExtensions.DEFAULT,
                        AuthConfig.DEFAULT),
                Optional.empty(),
                new HookChain(
                        List.of(
                                new ConfiguredPlugin(
                                        "voucher",
                                        new Voucher(),
                                        Duration.ofSeconds(10),
                                        FailurePolicy.TEMPFAIL))),
                intake,
                RetryRequests.NONE,
                events::add,
                ManualClock.atNoon(),
                UNUSED,
                new Random(1));
    }

    /// Vouches for everybody.
    private static final class Voucher implements Hooks {
        @Override
        public SessionHooks join(Session session) {
            return new SessionHooks() {
                @Override
                public Verdict rcpt(Transaction transaction, Recipient recipient) {
                    return Verdict.ACCEPT;
                }
            };
        }

        @Override
        public boolean mayBlock() {
            return false;
        }
    }
}
