package org.posthorn.queue;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// What was found to be unreadable since the start: logged once each, and kept for an operator, up
/// to a bound. Safe for use by many threads.
final class FoundDamage {
    private static final Logger LOG = LoggerFactory.getLogger(FoundDamage.class);
    private static final int MOST = 100;

    private final Set<String> found = new LinkedHashSet<>();

    /// Notes something.
    ///
    /// @param what what it is, which record, and what becomes of it
    void add(String what) {
        if (isNew(what)) {
            LOG.error("{}; posthorn queue verify names all damage", what);
        }
    }

    private synchronized boolean isNew(String what) {
        if (!found.add(what)) {
            return false;
        }
        if (found.size() > MOST) {
            found.remove(found.iterator().next());
        }
        return true;
    }

    /// Returns what was found last, the oldest first.
    synchronized List<String> list() {
        return List.copyOf(found);
    }
}
