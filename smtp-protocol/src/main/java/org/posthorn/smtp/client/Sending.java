package org.posthorn.smtp.client;

import io.netty.buffer.ByteBuf;

import org.posthorn.api.mail.Content;
import org.posthorn.api.smtp.Reply;
import org.posthorn.smtp.client.ClientException.Step;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;

/// Sends the content of one transaction, part by part, as fast as the connection takes it. One
/// thread, once.
///
/// @param wire the session's
/// @param content what is sent
/// @param encoder how it looks on the wire
/// @param time how long the server may take for each part
record Sending(Wire wire, Content content, ContentEncoder encoder, Duration time) {
    private static final int PART = 32 * 1024;

    /// Sends.
    ///
    /// @param command what goes before it, in the same breath
    /// @param expected how many replies its end will get
    /// @param each how many more there will be if the first one is 353
    /// @return what the server said before it had all, which can only be a refusal
    Optional<Reply> run(String command, int expected, int each)
            throws ClientException, InterruptedException {
        byte[] part = new byte[(int) Math.min(PART, content.size() + 1)];
        long left = content.size();
        String before = command;
        try (InputStream in = content.open()) {
            boolean last = false;
            while (!last) {
                int length = in.readNBytes(part, 0, part.length);
                left -= length;
                last = length < part.length;
                if (left < 0 || last && left != 0) {
                    throw new IOException("the content is not as long as it should be");
                }
                ByteBuf out = encoded(before, part, length, last);
                wire.write(out, last ? expected : 0, each, time);
                before = "";
            }
            return Optional.empty();
        } catch (ClientException e) {
            return refusal(wire.early().orElseThrow(() -> e));
        } catch (IOException e) {
            throw wire.faults().unreadable(e);
        } catch (ContentEncoder.BareLineEndException e) {
            throw wire.faults().unsendable(e);
        }
    }

    private Optional<Reply> refusal(Reply early) throws ClientException {
        boolean refused = early.isTransient() || early.isPermanent();
        if (!refused) {
            throw wire.faults().protocol(Step.CONTENT, "nothing is accepted before its end", null);
        }
        return Optional.of(early);
    }

    private ByteBuf encoded(String before, byte[] part, int length, boolean last)
            throws ContentEncoder.BareLineEndException {
        ByteBuf out = wire.buffer(before.length() + length + length / 16 + 8);
        boolean whole = false;
        try {
            out.writeCharSequence(before, StandardCharsets.US_ASCII);
            encoder.write(part, length, out);
            if (last) {
                encoder.finish(out);
            }
            whole = true;
            return out;
        } finally {
            if (!whole) {
                out.release();
            }
        }
    }
}
