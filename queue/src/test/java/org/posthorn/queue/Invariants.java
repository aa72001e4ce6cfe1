package org.posthorn.queue;

import org.posthorn.queue.scan.Found;
import org.posthorn.queue.scan.Walk;
import org.posthorn.queue.state.MessageKey;
import org.posthorn.queue.state.MessageRecord;
import org.posthorn.queue.state.Table;
import org.posthorn.queue.state.Tally;
import org.posthorn.queue.state.View;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What is true of the tables whenever nothing is under way, as [QueueCheck] sees it: found to be
/// false, it is a problem.
final class Invariants {
    private final View view;

    Invariants(View view) {
        this.view = view;
    }

    /// Returns what is wrong.
    ///
    /// @param drafts whether large content may be under way
    List<String> problems(Tally counted, boolean drafts) {
        List<String> problems = new ArrayList<>();
        Tally recount = new QueueCheck(view, it -> problems.add(it.toString()), drafts).run();
        if (!counted.equals(recount)) {
            problems.add("counter: " + counted + ", and counting finds " + recount);
        }
        return problems;
    }

    /// Returns the messages.
    Map<MessageKey, MessageRecord> messages() {
        Map<MessageKey, MessageRecord> messages = new LinkedHashMap<>();
        Walk walk = new Walk(view, _ -> {}, _ -> {});
        for (Optional<Found> it = walk.next(); it.isPresent(); it = walk.next()) {
            MessageKey key = it.get().key();
            it.get().message().ifPresent(message -> messages.put(key, message));
        }
        return messages;
    }

    /// Returns what is in tables that should be empty.
    static List<String> leftovers(View view) {
        List<String> leftovers = new ArrayList<>();
        for (Table table : EnumSet.complementOf(EnumSet.of(Table.META, Table.ASIDE))) {
            view.scan(
                    table,
                    new byte[0],
                    new byte[0],
                    (key, _) ->
                            leftovers.add(
                                    "orphan: in " + table + ": " + HexFormat.of().formatHex(key)));
        }
        return leftovers;
    }
}
