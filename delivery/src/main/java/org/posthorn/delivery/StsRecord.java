package org.posthorn.delivery;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/// What `_mta-sts.domain` says (RFC 8461 §3.1). Immutable.
///
/// @param id changes with the policy
record StsRecord(String id) {
    private static final Pattern ANY = Pattern.compile("v=STSv1[ \t]*;.*", Pattern.DOTALL);
    private static final Pattern ID = Pattern.compile("[A-Za-z0-9]{1,32}");

    /// Reads the texts at the name. Nothing is there unless exactly one text is such a record, with
    /// an id.
    static Optional<StsRecord> of(List<String> texts) {
        List<String> records = texts.stream().filter(it -> ANY.matcher(it).matches()).toList();
        if (records.size() != 1) {
            return Optional.empty();
        }
        List<String> ids = new ArrayList<>();
        for (String field : records.getFirst().split(";", -1)) {
            String trimmed = field.strip();
            if (trimmed.startsWith("id=")) {
                ids.add(trimmed.substring(3));
            }
        }
        return ids.size() == 1 && ID.matcher(ids.getFirst()).matches()
                ? Optional.of(new StsRecord(ids.getFirst()))
                : Optional.empty();
    }
}
