package org.posthorn.queue.powercut;

import org.posthorn.queue.powercut.Journal.Event;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// A file, or a directory: what of it was synced, and what was written since.
final class RecordedFile {
    private final boolean directory;
    private final List<Change> unsynced = new ArrayList<>();
    private Image synced;

    /// A change of the file.
    ///
    /// @param at which event it is
    /// @param event what
    record Change(int at, Event event) {}

    /// Makes a file whose octets are durable.
    RecordedFile(byte[] octets) {
        this(false, octets);
    }

    private RecordedFile(boolean directory, byte[] octets) {
        this.directory = directory;
        this.synced = new Image(octets, octets.length);
    }

    static RecordedFile directory() {
        return new RecordedFile(true, new byte[0]);
    }

    boolean isDirectory() {
        return directory;
    }

    void add(Change change) {
        unsynced.add(change);
    }

    /// Makes durable what was written before an event.
    void sync(int before, byte[] journal) {
        int count = 0;
        while (count < unsynced.size() && unsynced.get(count).at() < before) {
            synced.apply(unsynced.get(count++).event(), journal);
        }
        unsynced.subList(0, count).clear();
    }

    byte[] present(byte[] journal) {
        Image all = synced.copy();
        unsynced.forEach(it -> all.apply(it.event(), journal));
        return all.octets();
    }

    byte[] after(Survival survival, byte[] journal) {
        return survival.ordered() ? inOrder(survival, journal) : inAnyOrder(survival, journal);
    }

    /// Keeps what was written up to some sector.
    private byte[] inOrder(Survival survival, byte[] journal) {
        Image left = synced.copy();
        for (Change change : unsynced) {
            Event event = change.event();
            if (!survival.written(change.at())) {
                break;
            }
            if (event.kind() == 'W' && survival.tears()) {
                long end = event.number() + event.length();
                long cut = end - end % Survival.SECTOR;
                int length = (int) Math.max(0, cut - event.number());
                left.apply(new Event('W', 0, event.number(), event.from(), length), journal);
                break;
            }
            left.apply(event, journal);
        }
        return left.octets();
    }

    private byte[] inAnyOrder(Survival survival, byte[] journal) {
        Image left = synced.copy();
        for (Change change : unsynced) {
            Event event = change.event();
            if (event.kind() != 'W') {
                if (survival.written(change.at())) {
                    left.apply(event, journal);
                }
            } else if (!survival.written(change.at())) {
                if (survival.tears() && survival.sector()) {
                    left.grow(event.number() + event.length());
                }
            } else if (survival.tears()) {
                tear(left, event, survival, journal);
            } else {
                left.apply(event, journal);
            }
        }
        return left.octets();
    }

    /// Writes the sectors that survive: where they lie is counted from the file's begin.
    private static void tear(Image left, Event event, Survival survival, byte[] journal) {
        int done = 0;
        while (done < event.length()) {
            long offset = event.number() + done;
            int part = Survival.SECTOR - (int) (offset % Survival.SECTOR);
            int length = Math.min(part, event.length() - done);
            if (survival.sector()) {
                left.apply(new Event('W', 0, offset, event.from() + done, length), journal);
            }
            done += length;
        }
    }

    /// A file's octets.
    private static final class Image {
        private byte[] octets;
        private int size;

        Image(byte[] octets, int size) {
            this.octets = octets;
            this.size = size;
        }

        Image copy() {
            return new Image(octets(), size);
        }

        byte[] octets() {
            return Arrays.copyOf(octets, size);
        }

        void apply(Event event, byte[] journal) {
            int number = Math.toIntExact(event.number());
            switch (event.kind()) {
                case 'W' -> {
                    grow(number + (long) event.length());
                    System.arraycopy(journal, event.from(), octets, number, event.length());
                }
                case 'E' -> grow(number);
                case 'T' -> {
                    grow(number);
                    Arrays.fill(octets, number, size, (byte) 0);
                    size = number;
                }
                case 'Z' -> {
                    long length =
                            ByteBuffer.wrap(journal, event.from(), 8)
                                    .order(ByteOrder.LITTLE_ENDIAN)
                                    .getLong();
                    if (number < size) {
                        Arrays.fill(
                                octets, number, (int) Math.min(size, number + length), (byte) 0);
                    }
                }
                default -> throw new IllegalStateException("no change of a file: " + event);
            }
        }

        void grow(long least) {
            if (least > octets.length) {
                octets =
                        Arrays.copyOf(octets, Math.toIntExact(Math.max(least, 2L * octets.length)));
            }
            size = Math.max(size, Math.toIntExact(least));
        }
    }
}
