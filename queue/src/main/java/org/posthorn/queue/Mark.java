package org.posthorn.queue;

import java.util.EnumSet;
import java.util.Set;

/// What is remembered about a job besides how far it has got. The queue itself sets [#RELEASED];
/// what the others mean is the business of whoever settles jobs.
public enum Mark {
    /// An operator has released it.
    RELEASED(1),
    /// Its sender was told that it takes longer than usual.
    DELAY_TOLD(2),
    /// Its sender was told that the time is over in which it was to be delivered.
    DEADLINE_TOLD(4);

    private static final Mark[] ALL = values();

    private final int bit;

    /// @param bit what stands for it on disk
    Mark(int bit) {
        this.bit = bit;
    }

    /// Returns marks as bits.
    static int bits(Set<Mark> marks) {
        int bits = 0;
        for (Mark mark : marks) {
            bits |= mark.bit;
        }
        return bits;
    }

    /// Reads marks; bits of a later version are nobody's.
    static Set<Mark> of(int bits) {
        Set<Mark> marks = EnumSet.noneOf(Mark.class);
        for (Mark mark : ALL) {
            if ((bits & mark.bit) != 0) {
                marks.add(mark);
            }
        }
        return marks;
    }
}
