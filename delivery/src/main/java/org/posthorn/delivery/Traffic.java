package org.posthorn.delivery;

import org.posthorn.api.mail.Domain;
import org.posthorn.queue.Job;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// A job on its way to a site, as far as limits may be about that. Immutable.
///
/// @param site the site's name
/// @param hosts its mail exchangers, or the route's server, in lower case
/// @param destination the recipients' domain
/// @param sender the sender's mailbox in lower case; nothing for bounces
/// @param tenant whose mail it is, where a plugin says so (metadata `tenant`)
/// @param source the name of the pool of addresses that it goes out from, if there are any
record Traffic(
        String site,
        List<String> hosts,
        Domain destination,
        Optional<String> sender,
        Optional<String> tenant,
        Optional<String> source) {
    private static final String TENANT = "tenant";

    static Traffic of(Job job, String site, List<String> hosts, Optional<String> source) {
        return new Traffic(
                site,
                hosts.stream().map(host -> host.toLowerCase(Locale.ROOT)).toList(),
                job.destination().domain(),
                job.envelope().sender().mailbox().map(it -> it.toString().toLowerCase(Locale.ROOT)),
                Optional.ofNullable(job.metadata().get(TENANT)),
                source);
    }
}
