package org.posthorn.queue.state;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// The tables of the store. Each is sorted by its keys' octets, unsigned.
public enum Table {
    /// Content, in chunks.
    CONTENT,
    /// Messages.
    MESSAGE,
    /// Jobs.
    JOB,
    /// Index: jobs that wait for their time, by due time.
    DUE,
    /// Index: jobs that are due and wait for a lane, by destination.
    PARKED,
    /// Index: jobs that wait for an operator.
    HELD,
    /// Large content that was begun and has no message yet.
    DRAFT,
    /// Counters and the store's own facts.
    META,
    /// What could not be read: table number, key → the octets, for a person to look at.
    ASIDE,
    /// Jobs that were deleted or bounced, for as long as they can be brought back, and the messages
    /// of which nothing else is left.
    REMOVED,
    /// Index: what was removed, by the time until which it can be brought back.
    FADING;

    /// Returns the key at which a row of this table is set aside.
    public byte[] asideKey(byte[] key) {
        byte[] name = (this + "/").getBytes(StandardCharsets.US_ASCII);
        byte[] aside = Arrays.copyOf(name, name.length + key.length);
        System.arraycopy(key, 0, aside, name.length, key.length);
        return aside;
    }
}
