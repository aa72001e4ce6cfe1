package org.posthorn.smtp.server;

import org.posthorn.api.config.ByteSize;
import org.posthorn.api.config.Default;
import org.posthorn.api.config.Help;

/// The `message` block: which content is taken. Immutable.
///
/// @param maxSize octets of the whole content
/// @param maxHeaderSize octets of the header section, which is held in memory
/// @param maxLineLength octets of a line, without its CRLF
/// @param maxReceived `Received` fields, beyond which a message is taken to loop
public record MessageLimits(
        @Help("Largest message accepted.") @Default("50MiB") ByteSize maxSize,
        @Help("Largest header section accepted; it is held in memory.") @Default("256KiB")
                ByteSize maxHeaderSize,
        @Help("Longest line accepted, in octets without CRLF; RFC 5321 asks for 998 or more.")
                @Default("2048")
                int maxLineLength,
        @Help("Received fields, beyond which a message is refused as looping.") @Default("100")
                int maxReceived) {

    /// What an empty block means.
    public static final MessageLimits DEFAULT =
            new MessageLimits(ByteSize.ofMebibytes(50), new ByteSize(256 << 10), 2048, 100);

    /// Checks the bounds.
    ///
    /// @throws IllegalArgumentException when a limit is lower than what RFC 5321 §4.5.3.1 asks for
    public MessageLimits {
        atLeast("max-size", maxSize.bytes(), 65_536);
        atLeast("max-header-size", maxHeaderSize.bytes(), 4096);
        atLeast("max-line-length", maxLineLength, 998);
        atLeast("max-received", maxReceived, 1);
        if (maxHeaderSize.bytes() > 16 << 20) {
            throw new IllegalArgumentException(
                    "max-header-size must be at most 16MiB: it is held in memory");
        }
    }

    private static void atLeast(String setting, long value, int least) {
        if (value < least) {
            throw new IllegalArgumentException(setting + " must be at least " + least);
        }
    }
}
