package org.posthorn.smtp.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

import org.posthorn.api.mail.Mailbox;

import java.util.ArrayList;
import java.util.List;

/// Commands, their paths and parameters: what comes of octets does not depend on how the network
/// cut them, and what was read can be written and read again.
class CommandFuzz {
    private static final int LIMIT = 512;

    @FuzzTest(maxDuration = "8s")
    void commands(byte[] octets) {
        List<Command> whole = read(octets, octets.length);
        assertThat(read(octets, 1)).isEqualTo(whole);
        whole.forEach(CommandFuzz::check);
    }

    private static List<Command> read(byte[] octets, int atOnce) {
        CommandDecoder decoder = new CommandDecoder(LIMIT);
        List<Command> commands = new ArrayList<>();
        ByteBuf in = Unpooled.buffer();
        for (int at = 0; at < octets.length; at += atOnce) {
            in.writeBytes(octets, at, Math.min(atOnce, octets.length - at));
            drain(decoder, in, commands);
            in.discardReadBytes();
        }
        assertThat(in.readableBytes()).as("octets kept").isLessThanOrEqualTo(LIMIT);
        return commands;
    }

    private static void drain(CommandDecoder decoder, ByteBuf in, List<Command> commands) {
        Command command = decoder.next(in);
        while (command != null) {
            commands.add(command);
            command = decoder.next(in);
        }
    }

    private static void check(Command command) {
        assertThat(Command.verb(command)).doesNotContain("\r", "\n");
        assertThat(Command.argument(command)).doesNotContain("\r", "\n");
        switch (command) {
            case Command.Mail mail -> mail.from().mailbox().ifPresent(CommandFuzz::survives);
            case Command.Rcpt(ForwardPath.To(var mailbox), var _) -> survives(mailbox);
            case Command.Malformed(var _, var reply) ->
                    assertThat(reply.isPermanent()).as("%s", reply).isTrue();
            default -> {}
        }
    }

    private static void survives(Mailbox mailbox) {
        assertThat(Mailbox.parse(mailbox.toString())).isEqualTo(mailbox);
    }
}
