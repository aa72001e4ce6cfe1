package org.posthorn.queue;

import org.posthorn.api.mail.Domain;

/// Where a job goes: the unit of limits and fairness. For now, the recipients' domain. Immutable.
///
/// @param domain the domain of all of a job's recipients
public record Destination(Domain domain) {
    @Override
    public String toString() {
        return domain.toString();
    }
}
