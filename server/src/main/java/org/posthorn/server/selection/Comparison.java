package org.posthorn.server.selection;

import java.util.Arrays;
import java.util.Optional;
import java.util.Set;

/// How a term compares. Of those that begin alike, the longer ones come first.
enum Comparison {
    NOT("!="),
    AT_MOST("<="),
    AT_LEAST(">="),
    IS("="),
    LESS("<"),
    MORE(">");

    static final Set<Comparison> OF_TEXTS = Set.of(IS, NOT);
    static final Set<Comparison> OF_NUMBERS = Set.of(values());
    static final Set<Comparison> OF_TIMES = Set.of(LESS, AT_MOST, MORE, AT_LEAST);

    private final String sign;

    Comparison(String sign) {
        this.sign = sign;
    }

    /// Returns the comparison that stands at some place of a text.
    static Optional<Comparison> at(String text, int place) {
        return Arrays.stream(values()).filter(it -> text.startsWith(it.sign, place)).findFirst();
    }

    String sign() {
        return sign;
    }

    boolean holds(long number, long bound) {
        return switch (this) {
            case NOT -> number != bound;
            case AT_MOST -> number <= bound;
            case AT_LEAST -> number >= bound;
            case IS -> number == bound;
            case LESS -> number < bound;
            case MORE -> number > bound;
        };
    }
}
