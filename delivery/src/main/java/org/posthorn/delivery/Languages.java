package org.posthorn.delivery;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// In which languages a sender may want to be written to: those that its mail names in
/// `Accept-Language`, the best first, and then those that it is written in, by `Content-Language`
/// (RFC 3282).
final class Languages {
    private static final int MOST = 20;
    private static final Pattern RANGE =
            Pattern.compile(
                    "\\s*([A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8}){0,4})\\s*(?:;\\s*q\\s*=\\s*([01](?:\\.\\d{0,3})?))?\\s*");

    private Languages() {}

    private record Range(String tag, double quality) {}

    static List<String> of(Original original) {
        List<Range> accepted = new ArrayList<>(ranges(original.field("Accept-Language")));
        accepted.sort(Comparator.comparingDouble(Range::quality).reversed());
        return Stream.concat(accepted.stream(), ranges(original.field("Content-Language")).stream())
                .filter(range -> range.quality() > 0)
                .map(Range::tag)
                .toList();
    }

    private static List<Range> ranges(Optional<String> field) {
        return field.stream()
                .flatMap(body -> Stream.of(body.split(",", MOST)))
                .map(RANGE::matcher)
                .filter(Matcher::matches)
                .map(it -> new Range(it.group(1), quality(it.group(2))))
                .toList();
    }

    private static double quality(@Nullable String given) {
        return given == null ? 1 : Double.parseDouble(given);
    }
}
