package org.posthorn.testkit;

import org.posthorn.api.plugin.Verdict;
import org.posthorn.testkit.dialogue.MemoryPeer;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// One session of the hooks that are tried out, from [Sessions]. For one thread.
///
/// Each method says a command as a client does, and returns the verdict of the hook that heard it;
/// it throws what the hook threw. [#reply] is what the server made of it. Commands that must come
/// before are said by themselves.
public final class PluginSession implements AutoCloseable {
    private final MemoryPeer peer;
    private final Witness witness;
    private final RecordingIntake intake;
    private final Verdict connect;
    private List<String> reply = List.of();
    private boolean greeted;

    PluginSession(MemoryPeer peer, Witness witness, RecordingIntake intake) {
        this.peer = peer;
        this.witness = witness;
        this.intake = intake;
        this.connect = answer();
    }

    /// Returns what the hooks said to the connection itself.
    public Verdict connect() {
        return connect;
    }

    /// Says `EHLO`.
    public Verdict ehlo(String name) {
        greeted = true;
        return say("EHLO " + name);
    }

    /// Says `MAIL`.
    ///
    /// @param sender a mailbox, or empty text for the null path
    /// @param parameters such as `SIZE=1000`
    public Verdict mail(String sender, String... parameters) {
        if (!greeted) {
            ehlo("client.example");
        }
        return say("MAIL FROM:<" + sender + ">" + joined(parameters));
    }

    /// Says `RCPT`.
    ///
    /// @param recipient a mailbox
    /// @param parameters such as `NOTIFY=NEVER`
    public Verdict rcpt(String recipient, String... parameters) {
        return say("RCPT TO:<" + recipient + ">" + joined(parameters));
    }

    /// Says `DATA`, and returns what the hooks said to that. [#message] does so by itself.
    public Verdict data() {
        return say("DATA");
    }

    /// Sends content and its end, behind `DATA` if that has not been said.
    ///
    /// @param content lines that end with LF or CRLF; dots are stuffed here
    public Verdict message(String content) {
        if (reply.isEmpty() || !reply.getLast().startsWith("354")) {
            Verdict data = data();
            if (!reply.getLast().startsWith("354")) {
                return data;
            }
        }
        String lines = content.isEmpty() || content.endsWith("\n") ? content : content + "\n";
        String wire = lines.replace("\r\n", "\n").replace("\n", "\r\n");
        String stuffed = (wire.startsWith(".") ? "." : "") + wire.replace("\r\n.", "\r\n..");
        peer.send((stuffed + ".\r\n").getBytes(StandardCharsets.UTF_8));
        return answer();
    }

    private static String joined(String... parameters) {
        return parameters.length == 0 ? "" : " " + String.join(" ", parameters);
    }

    private Verdict say(String line) {
        peer.send((line + "\r\n").getBytes(StandardCharsets.UTF_8));
        return answer();
    }

    private Verdict answer() {
        List<String> lines = new ArrayList<>();
        try {
            Optional<String> line = peer.line();
            while (line.isPresent()) {
                lines.add(line.get());
                boolean more = line.get().length() > 3 && line.get().charAt(3) == '-';
                line = more ? peer.line() : Optional.empty();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        reply = List.copyOf(lines);
        return witness.take().orElse(Verdict.NO_OPINION);
    }

    /// Returns the server's last reply, line by line; nothing when it has closed the connection.
    public List<String> reply() {
        return reply;
    }

    /// Returns the messages that were accepted in all sessions of these hooks.
    public List<RecordingIntake.Stored> messages() {
        return intake.messages();
    }

    /// Leaves without a word.
    @Override
    public void close() {
        peer.close();
    }
}
