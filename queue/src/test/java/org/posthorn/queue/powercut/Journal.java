package org.posthorn.queue.powercut;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// What a process did to its files, in order, as `recorder.c` wrote it down.
///
/// @param octets the journal
/// @param events what stands in it
@SuppressWarnings("ArrayRecordComponent")
public record Journal(byte[] octets, List<Event> events) {
    private static final int HEAD = 17;

    /// One thing that happened.
    ///
    /// @param kind what, as `recorder.c` says
    /// @param handle which open file, or 0
    /// @param number offset, size, ticket or flags
    /// @param from where its octets stand in the journal
    /// @param length how many
    public record Event(char kind, int handle, long number, int from, int length) {}

    /// Reads a journal. What a killed process left of its last event is passed over.
    public static Journal read(Path file) throws IOException {
        byte[] octets = Files.readAllBytes(file);
        ByteBuffer in = ByteBuffer.wrap(octets).order(ByteOrder.LITTLE_ENDIAN);
        List<Event> events = new ArrayList<>();
        while (in.remaining() >= HEAD) {
            char kind = (char) in.get();
            int handle = in.getInt();
            long number = in.getLong();
            int length = in.getInt();
            if (in.remaining() < length) {
                break;
            }
            events.add(new Event(kind, handle, number, in.position(), length));
            in.position(in.position() + length);
        }
        return new Journal(octets, events);
    }

    /// Returns an event's octets as text.
    public String text(Event event) {
        return new String(octets, event.from(), event.length(), StandardCharsets.UTF_8);
    }
}
