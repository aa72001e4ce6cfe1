package org.posthorn.server.selection;

import org.posthorn.api.mail.Domain;
import org.posthorn.delivery.ReplyClasses;
import org.posthorn.queue.QueuedMessage.QueuedJob;
import org.posthorn.queue.QueuedMessage.State;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;

/// What a term is about. Immutable.
sealed interface Subject {
    String FACT = "metadata.";

    /// What a message's plugins know it by is one of its facts.
    String TENANT = "tenant";

    /// Texts, one of which is to be like a pattern.
    record Texts(Function<Candidate, List<String>> of) implements Subject {}

    /// One of a few words.
    record Word(Function<Candidate, String> of, List<String> words) implements Subject {}

    /// A number.
    record Amount(ToLongFunction<Candidate> of, Quantity quantity) implements Subject {}

    /// All subjects with fixed names.
    Map<String, Subject> ALL = all();

    private static Map<String, Subject> all() {
        Map<String, Subject> all = new LinkedHashMap<>();
        all.put("sender", new Texts(it -> List.of(sender(it))));
        all.put("recipient", new Texts(Subject::recipients));
        all.put("domain", new Texts(it -> domain(it.job().destination().domain())));
        all.put("age", new Amount(Subject::age, Quantity.TIME));
        all.put("size", new Amount(it -> it.message().size(), Quantity.OCTETS));
        all.put("attempts", new Amount(it -> it.job().attempts(), Quantity.COUNT));
        all.put(
                "state",
                new Word(
                        it -> Selection.word(it.job().state()),
                        List.of("scheduled", "active", "held", "removed")));
        all.put("reason", new Texts(it -> reasons(it.job())));
        all.put("class", new Texts(it -> kinds(it.job())));
        all.put("route", new Texts(it -> List.of(it.route())));
        all.put(TENANT, fact(TENANT));
        return all;
    }

    /// Finds the subject of a name.
    static Optional<Subject> of(String name) {
        return name.startsWith(FACT) && name.length() > FACT.length()
                ? Optional.of(fact(name.substring(FACT.length())))
                : Optional.ofNullable(ALL.get(name));
    }

    private static Subject fact(String name) {
        return new Texts(it -> Stream.ofNullable(it.message().metadata().get(name)).toList());
    }

    private static String sender(Candidate it) {
        return it.message().envelope().sender().mailbox().map(Object::toString).orElse("");
    }

    private static List<String> recipients(Candidate it) {
        return it.job().waiting().stream()
                .map(waiting -> waiting.recipient().mailbox().toString())
                .toList();
    }

    private static List<String> domain(Domain domain) {
        return List.of(domain.toString(), domain.ascii());
    }

    private static long age(Candidate it) {
        return Duration.between(it.message().acceptedAt(), it.now()).toSeconds();
    }

    private static List<String> kinds(QueuedJob job) {
        return job.waiting().stream()
                .flatMap(waiting -> waiting.last().stream())
                .map(outcome -> ReplyClasses.of(outcome.reply()).toString())
                .toList();
    }

    private static List<String> reasons(QueuedJob job) {
        List<String> reasons = new ArrayList<>();
        if (job.state() instanceof State.Held(String why)) {
            reasons.add(why);
        }
        job.waiting().stream()
                .flatMap(waiting -> waiting.last().stream())
                .map(outcome -> outcome.reply().toString())
                .forEach(reasons::add);
        reasons.add(job.reason());
        return reasons;
    }
}
