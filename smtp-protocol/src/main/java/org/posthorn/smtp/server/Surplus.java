package org.posthorn.smtp.server;

import io.netty.buffer.ByteBuf;

/// Octets that a client announced, and that nobody wants. Confined to the session's event loop.
final class Surplus {
    private long left;

    /// @param octets how many are to come
    Surplus(long octets) {
        this.left = octets;
    }

    /// Throws away what a buffer has of them.
    ///
    /// @return whether all have come
    boolean skip(ByteBuf in) {
        int count = (int) Math.min(left, in.readableBytes());
        in.skipBytes(count);
        left -= count;
        return left == 0;
    }
}
