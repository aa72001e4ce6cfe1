package org.posthorn.delivery;

import java.time.Instant;

/// How many sessions a site takes at once, as far as is known. For one thread.
///
/// It grows by half of each cohort until the first trouble, then by one each cohort. Where one
/// session more was too many, that is remembered as a ceiling: beyond it goes only a probe, seldom,
/// with one session.
final class Window {
    private static final int NONE = Integer.MAX_VALUE;
    private static final int FIRST_QUIET = 100;
    private static final int LONGEST_QUIET = 400;

    private final int initial;
    private final int most;
    private double size;
    private boolean quick = true;
    private int ceiling = NONE;
    private boolean probing;
    private int passed;
    private Instant probed = Instant.MIN;
    private int quiet = FIRST_QUIET;
    private int held;
    private Instant quietUntil = Instant.MIN;

    Window(int initial, int most) {
        this.initial = Math.min(initial, most);
        this.most = most;
        this.size = this.initial;
    }

    int allowed() {
        return (int) size;
    }

    /// A session went well.
    ///
    /// @param open how many were open at its end, with it
    /// @param began when it began
    void succeeded(int open, Instant began, Instant now) {
        if (probing) {
            probe(open, began);
        } else if (2 * open > allowed()) {
            grow(now);
        }
    }

    /// A probe has passed when as many sessions went well, that began in it, as are open.
    private void probe(int open, Instant began) {
        passed += open > ceiling && !began.isBefore(probed) ? 1 : 0;
        if (passed > ceiling) {
            probing = false;
            ceiling = NONE;
            quiet = FIRST_QUIET;
        }
    }

    private void grow(Instant now) {
        int top = Math.min(ceiling, most);
        if (allowed() < top) {
            size = Math.min(top, size + (quick ? 0.5 : 1 / size));
            held = 0;
        } else if (top < most && ++held >= quiet && !now.isBefore(quietUntil)) {
            probing = true;
            passed = 0;
            probed = now;
            size = ceiling + 1;
        }
    }

    /// A session was refused because of the others.
    ///
    /// @param open how many were open when it began, with it
    /// @return whether fewer may do: false where it was the only one
    boolean refused(int open) {
        lower(Math.min(ceiling, open - 1));
        return open > 1;
    }

    /// So many were too many: they made answers slow, or sessions fail.
    ///
    /// @param until when it may be tried again at the earliest
    void tooMany(int sessions, Instant until) {
        lower(sessions - 1);
        quietUntil = until;
    }

    private void lower(int top) {
        quiet = probing ? Math.min(2 * quiet, LONGEST_QUIET) : quiet;
        ceiling = Math.max(1, top);
        size = Math.min(size, ceiling);
        held = 0;
        probing = false;
        quick = false;
    }

    /// Tells whether there is one session more than is known to be good.
    boolean isProbing() {
        return probing;
    }

    /// Allows so many, whatever is known.
    void set(int sessions) {
        size = Math.clamp(sessions, 1, most);
        probing = false;
        held = 0;
    }

    /// The site is back after it was gone, and little is known of it again.
    void restart() {
        ceiling = NONE;
        set(initial);
        quick = true;
    }
}
