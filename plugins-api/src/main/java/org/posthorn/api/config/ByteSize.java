package org.posthorn.api.config;

import java.util.Locale;

/// An amount of octets, written in a configuration as `50MiB`, `64kB` or a plain number. Immutable.
///
/// @param bytes the amount, zero or more
public record ByteSize(long bytes) {

    /// Checks the amount.
    ///
    /// @throws IllegalArgumentException when it is negative
    public ByteSize {
        if (bytes < 0) {
            throw new IllegalArgumentException("a size is zero or more octets");
        }
    }

    /// Makes a size of so many times 1,048,576 octets.
    public static ByteSize ofMebibytes(long amount) {
        return new ByteSize(Math.multiplyExact(amount, 1L << 20));
    }

    /// Returns the size in the largest binary unit that keeps it whole, such as `50MiB`.
    @Override
    public String toString() {
        String[] units = {"B", "KiB", "MiB", "GiB", "TiB"};
        int unit = 0;
        long rest = bytes;
        while (rest != 0 && rest % 1024 == 0 && unit < units.length - 1) {
            rest /= 1024;
            unit++;
        }
        return String.format(Locale.ROOT, "%d%s", rest, units[unit]);
    }
}
