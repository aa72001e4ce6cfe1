package org.posthorn.server.config;

import java.util.List;
import java.util.stream.Collectors;

/// The configuration cannot be used, for all of these reasons.
public final class ConfigurationException extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient List<Problem> problems;

    /// Makes one.
    ///
    /// @param problems at least one
    public ConfigurationException(List<Problem> problems) {
        super(problems.stream().map(Problem::toString).collect(Collectors.joining("\n")));
        this.problems = List.copyOf(problems);
    }

    /// Returns all that is wrong, in the order of the files' lines where that is known.
    public List<Problem> problems() {
        return problems;
    }
}
