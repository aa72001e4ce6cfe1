package org.posthorn.queue.scan;

import org.posthorn.queue.state.CorruptRecordException;
import org.posthorn.queue.state.MessageKey;
import org.posthorn.queue.state.Table;
import org.posthorn.queue.state.View;

import java.math.BigInteger;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HexFormat;
import java.util.Optional;
import java.util.function.Consumer;

/// The rows of a table in order, a few at a time, past what is damaged. For one thread.
public final class Rows {
    private static final int MOST_ROWS = 512;
    private static final int MOST_OCTETS = 4 << 20;

    /// Keys are read as numbers of so many octets; longer ones are passed a few at a time.
    private static final int DIGITS = 40;

    private final View view;
    private final Table table;
    private final Consumer<Gap> gaps;
    private final Deque<Row> page = new ArrayDeque<>();
    private final byte[] end;
    private byte[] next;
    private boolean ended;

    /// A row.
    @SuppressWarnings("ArrayRecordComponent")
    public record Row(Table table, byte[] key, byte[] value) {}

    /// Part of a table that cannot be read.
    ///
    /// @param from the first key that may be there
    /// @param end the first one behind it; empty when all that follows is unreadable
    /// @param why what the store says
    @SuppressWarnings("ArrayRecordComponent")
    public record Gap(Table table, byte[] from, byte[] end, String why) {
        /// Returns where it is, as an operator reads it.
        public String place() {
            String begin = from.length == 0 ? "the beginning" : place(from);
            return "table " + table + " from " + begin + " to " + place(end);
        }

        /// Returns where it is and why.
        public String text() {
            return place() + ": " + why;
        }

        /// Returns a key as an operator reads it.
        public static String place(byte[] key) {
            return key.length < MessageKey.LENGTH
                    ? key.length == 0 ? "the end" : HexFormat.of().formatHex(key)
                    : HexFormat.of().formatHex(key)
                            + ", near message "
                            + MessageKey.of(Arrays.copyOf(key, MessageKey.LENGTH));
        }
    }

    /// Makes it.
    ///
    /// @param gaps is told of each part that cannot be read
    public Rows(View view, Table table, Consumer<Gap> gaps) {
        this(view, table, new byte[0], new byte[0], gaps);
    }

    /// Makes it for a part of a table.
    ///
    /// @param from the first key
    /// @param end behind the last key, or empty for no end
    /// @param gaps is told of each part that cannot be read
    public Rows(View view, Table table, byte[] from, byte[] end, Consumer<Gap> gaps) {
        this.next = from;
        this.end = end;
        this.view = view;
        this.table = table;
        this.gaps = gaps;
    }

    /// Returns the next row, which stays the next one.
    public Optional<Row> peek() {
        while (page.isEmpty() && !ended) {
            try {
                fill();
            } catch (CorruptRecordException e) {
                if (page.isEmpty()) {
                    pass(e);
                }
            }
        }
        return Optional.ofNullable(page.peek());
    }

    /// Returns the next row and moves on.
    public Optional<Row> next() {
        Optional<Row> row = peek();
        page.poll();
        return row;
    }

    private void fill() {
        int[] octets = {0};
        boolean[] more = {false};
        try {
            view.scan(
                    table,
                    next,
                    end,
                    (key, value) -> {
                        page.add(new Row(table, key, value));
                        octets[0] += value.length;
                        more[0] = page.size() >= MOST_ROWS || octets[0] >= MOST_OCTETS;
                        return !more[0];
                    });
            ended = !more[0];
        } finally {
            if (!page.isEmpty()) {
                byte[] last = page.getLast().key();
                next = Arrays.copyOf(last, last.length + 1);
            }
        }
    }

    private void pass(CorruptRecordException why) {
        Optional<byte[]> behind = behind(next);
        gaps.accept(
                new Gap(table, next, behind.orElse(new byte[0]), String.valueOf(why.getMessage())));
        ended = behind.isEmpty();
        next = behind.orElse(next);
    }

    /// Returns the first key behind damage that can be read, or nothing where none can: found by
    /// steps that double, then by halving the last step.
    private Optional<byte[]> behind(byte[] damaged) {
        BigInteger start = number(damaged);
        BigInteger bad = start;
        for (int bit = 0; bit <= 8 * DIGITS; bit++) {
            BigInteger good = start.add(BigInteger.ONE.shiftLeft(bit));
            if (good.bitLength() > 8 * DIGITS) {
                break;
            }
            if (isReadable(key(good))) {
                return Optional.of(key(closest(bad, good)));
            }
            bad = good;
        }
        return Optional.empty();
    }

    /// Returns the first key that can be read of those that follow one which cannot, or nothing
    /// where there is none.
    public static Optional<byte[]> behind(View view, Table table, byte[] damaged) {
        return new Rows(view, table, damaged, new byte[0], _ -> {}).behind(damaged);
    }

    private BigInteger closest(BigInteger unreadable, BigInteger readable) {
        BigInteger bad = unreadable;
        BigInteger good = readable;
        while (good.subtract(bad).bitLength() > 1) {
            BigInteger middle = bad.add(good).shiftRight(1);
            if (isReadable(key(middle))) {
                good = middle;
            } else {
                bad = middle;
            }
        }
        return good;
    }

    private boolean isReadable(byte[] from) {
        try {
            view.scan(table, from, end, (_, _) -> false);
            return true;
        } catch (CorruptRecordException _) {
            return false;
        }
    }

    private static BigInteger number(byte[] key) {
        return new BigInteger(1, Arrays.copyOf(key, DIGITS));
    }

    private static byte[] key(BigInteger number) {
        byte[] octets = number.toByteArray();
        byte[] key = new byte[DIGITS];
        int length = Math.min(octets.length, DIGITS);
        System.arraycopy(octets, octets.length - length, key, DIGITS - length, length);
        return key;
    }
}
