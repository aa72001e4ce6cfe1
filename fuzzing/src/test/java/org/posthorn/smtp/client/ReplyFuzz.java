package org.posthorn.smtp.client;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

import org.posthorn.api.smtp.Reply;

import java.util.ArrayList;
import java.util.List;

/// Replies of a server that is a stranger: bounded, harmless to show, and the same whatever the
/// cuts.
class ReplyFuzz {

    /// @param broken whether what came was no reply in the end
    private record Read(List<Reply> replies, boolean broken) {}

    @FuzzTest(maxDuration = "8s")
    void replies(byte[] octets) {
        Read whole = read(octets, octets.length);
        assertThat(read(octets, 1)).isEqualTo(whole);
        for (Reply reply : whole.replies()) {
            assertThat(reply.code()).isBetween(200, 599);
            assertThat(reply.lines()).hasSizeLessThanOrEqualTo(ReplyParser.MAX_LINES);
            assertThat(reply.lines())
                    .allMatch(line -> line.chars().noneMatch(c -> c < ' ' && c != '\t'));
        }
    }

    private static Read read(byte[] octets, int atOnce) {
        ReplyParser parser = new ReplyParser();
        List<Reply> replies = new ArrayList<>();
        ByteBuf in = Unpooled.buffer();
        try {
            for (int at = 0; at < octets.length; at += atOnce) {
                in.writeBytes(octets, at, Math.min(atOnce, octets.length - at));
                drain(parser, in, replies);
            }
            return new Read(replies, false);
        } catch (ReplySyntaxException e) {
            return new Read(replies, true);
        }
    }

    private static void drain(ReplyParser parser, ByteBuf in, List<Reply> replies)
            throws ReplySyntaxException {
        Reply reply = parser.next(in);
        while (reply != null) {
            replies.add(reply);
            reply = parser.next(in);
        }
    }
}
