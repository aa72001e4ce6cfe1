package org.posthorn.server.command;

import static org.posthorn.server.log.UnsafeText.escaped;

import org.posthorn.server.config.ConfigurationException;
import org.posthorn.server.management.ManagementClient;
import org.posthorn.server.mxbean.MailSite;
import org.posthorn.server.mxbean.SitesMXBean;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;

/// `posthorn site`
@Command(
        name = "site",
        description = "Shows and changes where mail goes.",
        footer = {
            "",
            "A site is the mail exchangers of a domain, which are those of many domains, or the server",
            "of a route. SITE is its name or a part of it that no other site's name has."
        })
final class SiteCommand {
    private static final int MOST = 10_000;

    private final PrintWriter out;
    private final PrintWriter err;

    SiteCommand(PrintWriter out, PrintWriter err) {
        this.out = out;
        this.err = err;
    }

    /// Something that is done to one site.
    @FunctionalInterface
    private interface Act {
        void on(SitesMXBean sites, MailSite site);
    }

    @Command(name = "list", description = "Lists sites, those with the most going on first.")
    int list(
            @Mixin ConfigOption config,
            @Mixin JsonOption json,
            @Option(
                            names = "--limit",
                            paramLabel = "N",
                            defaultValue = "100",
                            description = "At most so many sites; ${DEFAULT-VALUE} when not given.")
                    int limit)
            throws ConfigurationException, IOException {
        try (ManagementClient server = config.connect()) {
            for (MailSite site : server.bean(SitesMXBean.class).list("", limit)) {
                if (json.isGiven()) {
                    out.println(Json.of(site));
                } else {
                    out.printf(
                            "%s %s: %d of %d sessions in use, %d idle, %d messages wait%s%n",
                            escaped(site.name()),
                            site.state(),
                            site.used(),
                            site.allowed(),
                            site.idle(),
                            site.waiting(),
                            site.reason().isEmpty() ? "" : " (" + escaped(site.reason()) + ")");
                }
            }
            return 0;
        } catch (IllegalArgumentException e) {
            return failed(e);
        }
    }

    @Command(name = "show", description = "Shows a site: what goes on there, and what holds it up.")
    int show(
            @Mixin ConfigOption config,
            @Mixin JsonOption json,
            @Parameters(paramLabel = "SITE", description = "The site.") String name)
            throws ConfigurationException, IOException {
        return act(
                config,
                name,
                (_, site) -> {
                    if (json.isGiven()) {
                        out.println(Json.of(site));
                    } else {
                        show(site);
                    }
                });
    }

    private void show(MailSite site) {
        out.println(escaped(site.name()));
        out.printf(
                "  %s%s%n",
                site.state(), site.reason().isEmpty() ? "" : ": " + escaped(site.reason()));
        if (!site.nextProbe().isEmpty()) {
            out.printf("  tried again: %s at the earliest%n", site.nextProbe());
        }
        out.printf(
                "  sessions: %d of %d in use, %d idle, %d opened%n",
                site.used(), site.allowed(), site.idle(), site.opened());
        out.printf("  messages: %d sent, %d wait%n", site.sent(), site.waiting());
    }

    @Command(
            name = "suspend",
            description = {
                "Has no mail go to a site until it is resumed, or the server starts anew.",
                "What is being sent is not broken off."
            })
    int suspend(
            @Mixin ConfigOption config,
            @Parameters(paramLabel = "SITE", description = "The site.") String name,
            @Option(
                            names = "--reason",
                            paramLabel = "TEXT",
                            defaultValue = "",
                            description = "Why, for other operators.")
                    String reason)
            throws ConfigurationException, IOException {
        return act(
                config,
                name,
                (sites, site) -> {
                    sites.suspend(site.name(), reason);
                    out.println(escaped(site.name()) + " is suspended");
                });
    }

    @Command(
            name = "resume",
            description = {
                "Lets mail go to a site again that is suspended or dead. What waits comes by its",
                "schedule; at once with posthorn queue retry --where 'reason=\"*suspended*\"'"
            })
    int resume(
            @Mixin ConfigOption config,
            @Parameters(paramLabel = "SITE", description = "The site.") String name)
            throws ConfigurationException, IOException {
        return act(
                config,
                name,
                (sites, site) ->
                        out.println(
                                escaped(site.name())
                                        + (sites.resume(site.name())
                                                ? " is resumed"
                                                : " is open already")));
    }

    @Command(
            name = "leave",
            description = "Ends the sessions with a site that no message needs just now.")
    int leave(
            @Mixin ConfigOption config,
            @Parameters(paramLabel = "SITE", description = "The site.") String name)
            throws ConfigurationException, IOException {
        return act(
                config,
                name,
                (sites, site) -> out.println(sites.leave(site.name()) + " sessions ended"));
    }

    private int act(ConfigOption config, String name, Act act)
            throws ConfigurationException, IOException {
        try (ManagementClient server = config.connect()) {
            SitesMXBean sites = server.bean(SitesMXBean.class);
            List<MailSite> found = sites.list(name, MOST);
            List<MailSite> exact = found.stream().filter(it -> it.name().equals(name)).toList();
            List<MailSite> meant = exact.isEmpty() ? found : exact;
            if (meant.size() != 1) {
                err.println(
                        "posthorn: "
                                + (meant.isEmpty()
                                        ? "no mail goes to '" + name + "' now"
                                        : meant.size() + " sites are called like '" + name + "'")
                                + "; see posthorn site list");
                return Posthorn.FAILED;
            }
            act.on(sites, meant.getFirst());
            return 0;
        } catch (IllegalArgumentException e) {
            return failed(e);
        }
    }

    private int failed(RuntimeException e) {
        err.println("posthorn: " + e.getMessage());
        return Posthorn.FAILED;
    }
}
