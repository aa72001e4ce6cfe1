package org.posthorn.queue.state;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/// What happened to a job: an attempt, or what an operator did. Immutable.
///
/// @param at when, to the millisecond
/// @param by the host or place that was tried, or the operator
/// @param text what came of it; long ones are cut
public record Note(Instant at, String by, String text) {
    private static final int MOST = 12;
    private static final int LONGEST = 300;

    /// Cuts what is long.
    public Note {
        by = cut(by);
        text = cut(text);
    }

    private static String cut(String text) {
        if (text.length() <= LONGEST) {
            return text;
        }
        int end = Character.isHighSurrogate(text.charAt(LONGEST - 1)) ? LONGEST - 1 : LONGEST;
        return text.substring(0, end);
    }

    /// Returns notes with one more. Of many, the first and the latest are kept.
    static List<Note> add(List<Note> notes, Note note) {
        List<Note> all = new ArrayList<>(notes);
        if (all.size() >= MOST) {
            all.remove(1);
        }
        all.add(note);
        return all;
    }
}
