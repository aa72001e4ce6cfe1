package org.posthorn.server.mxbean;

import org.posthorn.api.config.Help;

import java.util.List;

/// The sites that mail goes to, as their operator sees them.
///
/// Operations throw `IllegalArgumentException` for a site that is not known, and for arguments that
/// they do not understand.
@Help(
        "Where mail goes: the mail exchangers of a domain, shared by all domains that have the same,"
                + " or the server of a route.")
public interface SitesMXBean {

    @Help("Sites that mail goes to, or went to of late.")
    int getKnown();

    @Help(
            "Sessions that are kept open and that no message needs just now, with all sites together.")
    int getIdleSessions();

    @Help("Returns sites, those with the most going on first.")
    List<MailSite> list(
            @Help("What their names contain; all where it is empty.") String text,
            @Help("How many at the most, 1 to 10000.") int limit);

    @Help(
            "Has no mail go to a site until that is resumed, or the server starts anew. What is being"
                    + " sent is not broken off.")
    void suspend(
            @Help("The site's name.") String site,
            @Help("The operator's reason, which other operators are shown; may be empty.")
                    String why);

    @Help(
            "Lets mail go to a site again that was suspended, or is dead as far as is known. Returns"
                    + " whether it was.")
    boolean resume(@Help("The site's name.") String site);

    @Help("Ends the sessions with a site that no message needs just now. Returns how many.")
    int leave(@Help("The site's name.") String site);
}
