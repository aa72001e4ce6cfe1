package org.posthorn.smtp.client;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;

import org.posthorn.api.smtp.Reply;

import java.util.List;

/// Hands on each [Reply] as soon as it is whole.
final class ReplyDecoder extends ByteToMessageDecoder {
    private final ReplyParser parser = new ReplyParser();

    @Override
    protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out)
            throws ReplySyntaxException {
        Reply reply = parser.next(in);
        if (reply != null) {
            out.add(reply);
        }
    }

    /// A reply that has not ended at the end of the connection is none.
    @Override
    protected void decodeLast(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
        in.skipBytes(in.readableBytes());
    }

    /// Tells whether nothing has come behind the last reply. On the event loop only.
    boolean isIdle() {
        return parser.isIdle() && actualReadableBytes() == 0;
    }
}
