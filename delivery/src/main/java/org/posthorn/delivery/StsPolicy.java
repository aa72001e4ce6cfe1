package org.posthorn.delivery;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/// What a domain says of its exchangers by HTTPS (RFC 8461 §3.2). Immutable.
///
/// @param mode what follows from it
/// @param exchangers patterns of host names, in lower case; at least one, unless the mode is none
/// @param maxAge how long it may be kept
record StsPolicy(Mode mode, List<String> exchangers, Duration maxAge) {
    private static final Duration LONGEST = Duration.ofHours(8_766);
    private static final int MOST_EXCHANGERS = 100;
    private static final Pattern SECONDS = Pattern.compile("[0-9]{1,10}");
    private static final Pattern HOST =
            Pattern.compile("(\\*\\.)?[a-z0-9]([a-z0-9-]{0,62})(\\.[a-z0-9]([a-z0-9-]{0,62}))*");

    /// What follows from a policy.
    enum Mode {
        /// Mail goes only to servers that are as it says.
        ENFORCE,
        /// What is wrong is only told.
        TESTING,
        /// It is as if there were none.
        NONE;

        private static Optional<Mode> of(String text) {
            return switch (text) {
                case "enforce" -> Optional.of(ENFORCE);
                case "testing" -> Optional.of(TESTING);
                case "none" -> Optional.of(NONE);
                default -> Optional.empty();
            };
        }

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    StsPolicy {
        exchangers = List.copyOf(exchangers);
    }

    /// Reads a policy file. Fields that are not known are passed over; of one that may stand there
    /// once, the first counts.
    static Optional<StsPolicy> parse(String text) {
        Map<String, String> fields = new HashMap<>();
        List<String> exchangers = new ArrayList<>();
        for (String line : text.split("\r\n|\n", -1)) {
            int colon = line.indexOf(':');
            if (colon > 0) {
                String key = line.substring(0, colon).strip();
                String value = line.substring(colon + 1).strip();
                if (key.equals("mx")) {
                    exchangers.add(value.toLowerCase(Locale.ROOT));
                } else {
                    fields.putIfAbsent(key, value);
                }
            }
        }
        return of(fields, exchangers);
    }

    private static Optional<StsPolicy> of(Map<String, String> fields, List<String> exchangers) {
        Optional<Mode> mode = Mode.of(fields.getOrDefault("mode", ""));
        String age = fields.getOrDefault("max_age", "");
        boolean sound =
                fields.getOrDefault("version", "").equals("STSv1")
                        && mode.isPresent()
                        && SECONDS.matcher(age).matches()
                        && exchangers.size() <= MOST_EXCHANGERS
                        && exchangers.stream().allMatch(it -> HOST.matcher(it).matches())
                        && (mode.get() == Mode.NONE || !exchangers.isEmpty());
        if (!sound) {
            return Optional.empty();
        }
        Duration given = Duration.ofSeconds(Long.parseLong(age));
        Duration maxAge = given.compareTo(LONGEST) > 0 ? LONGEST : given;
        return Optional.of(new StsPolicy(mode.get(), exchangers, maxAge));
    }

    /// Tells whether a host may be an exchanger (RFC 8461 §4.1): `*` stands for one label.
    boolean allows(String host) {
        String name = host.toLowerCase(Locale.ROOT);
        int dot = name.indexOf('.');
        return exchangers.stream()
                .anyMatch(
                        pattern ->
                                pattern.startsWith("*.")
                                        ? dot > 0
                                                && pattern.substring(1).equals(name.substring(dot))
                                        : pattern.equals(name));
    }

    /// Returns it as a policy file.
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("version: STSv1\nmode: " + mode + "\n");
        exchangers.forEach(it -> text.append("mx: ").append(it).append('\n'));
        return text.append("max_age: ").append(maxAge.toSeconds()).append('\n').toString();
    }
}
