package org.posthorn.server.command;

import static org.posthorn.server.log.UnsafeText.escaped;

import org.posthorn.api.mail.Domain;
import org.posthorn.delivery.TlsReport;
import org.posthorn.server.assembly.Outgoing;
import org.posthorn.server.config.ConfigurationException;
import org.posthorn.server.management.ManagementClient;
import org.posthorn.server.management.ManagementClient.NotRunningException;
import org.posthorn.server.mxbean.OutgoingTlsMXBean;
import org.posthorn.server.mxbean.OutgoingTlsMXBean.RememberedDomain;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;

/// `posthorn tls`
@Command(name = "tls", description = "Shows how mail to other servers is secured, and why.")
final class TlsCommand {
    private final PrintWriter out;
    private final PrintWriter err;

    TlsCommand(PrintWriter out, PrintWriter err) {
        this.out = out;
        this.err = err;
    }

    @Command(
            name = "check",
            description = {
                "Shows how mail for a domain would be secured, and talks to its servers to prove it.",
                "Asks the server that runs, or looks for itself when none does. Sends no mail."
            })
    int check(
            @Mixin ConfigOption config,
            @Mixin JsonOption json,
            @Parameters(paramLabel = "DOMAIN", description = "A recipient's domain.") Domain domain)
            throws ConfigurationException, IOException, InterruptedException {
        TlsReport report = report(config, domain);
        if (json.isGiven()) {
            out.println(Json.of(report));
        } else {
            print(report);
        }
        return report.servers().stream().anyMatch(TlsReport.Server::usable) ? 0 : Posthorn.FAILED;
    }

    private static TlsReport report(ConfigOption config, Domain domain)
            throws ConfigurationException, IOException, InterruptedException {
        try (ManagementClient server = config.connect()) {
            return server.bean(OutgoingTlsMXBean.class).check(domain.ascii());
        } catch (NotRunningException _) {
            return Outgoing.check(config.read(), domain);
        }
    }

    @Command(
            name = "list",
            description = {
                "Lists the domains that had verified TLS: mail for them waits where they lose it.",
                "Those where it waits come first, then the one verified last."
            })
    int list(
            @Mixin ConfigOption config,
            @Mixin JsonOption json,
            @Option(
                            names = "--limit",
                            paramLabel = "N",
                            defaultValue = "1000",
                            description =
                                    "At most so many domains; ${DEFAULT-VALUE} when not given.")
                    int limit)
            throws ConfigurationException, IOException {
        try (ManagementClient server = config.connect()) {
            for (RememberedDomain it : server.bean(OutgoingTlsMXBean.class).remembered(limit)) {
                out.println(
                        json.isGiven()
                                ? Json.of(it)
                                : "%s  last %s by %s with %s, first %s%s"
                                        .formatted(
                                                it.domain(),
                                                it.last(),
                                                it.verifiedBy(),
                                                escaped(it.host()),
                                                it.since(),
                                                it.blocked() == 0
                                                        ? ""
                                                        : "; %d attempts failed for it"
                                                                .formatted(it.blocked())));
            }
        }
        return 0;
    }

    @Command(
            name = "forget",
            description = "Forgets that a domain had verified TLS, and its MTA-STS policy.")
    int forget(
            @Mixin ConfigOption config,
            @Parameters(paramLabel = "DOMAIN", description = "A recipient's domain.") Domain domain)
            throws ConfigurationException, IOException {
        try (ManagementClient server = config.connect()) {
            if (server.bean(OutgoingTlsMXBean.class).forget(domain.ascii())) {
                return 0;
            }
            err.println("posthorn: nothing is known of TLS of " + domain);
            return Posthorn.FAILED;
        }
    }

    private void print(TlsReport it) {
        out.printf(
                "%s: to = %s%s%n",
                it.domain(), it.route(), it.tls().isEmpty() ? "" : ", tls = " + it.tls());
        if (!it.finding().isEmpty()) {
            out.println("  " + escaped(it.finding()));
        }
        it.servers().forEach(this::print);
    }

    private void print(TlsReport.Server it) {
        out.println("  " + escaped(it.address()));
        rows("because", it.because());
        rows("must be", it.demands().isEmpty() ? List.of("nothing") : it.demands());
        rows("is", List.of(it.session()));
        if (!it.validUntil().isEmpty()) {
            rows("names", List.of(String.join(", ", it.names())));
            rows("issuer", List.of("%s, until %s".formatted(it.issuer(), it.validUntil())));
            rows("trusted", List.of(it.distrust().isEmpty() ? "yes" : "no: " + it.distrust()));
        }
        rows("so", List.of(it.verdict()));
    }

    private void rows(String what, List<String> texts) {
        String label = what;
        for (String text : texts) {
            out.printf("    %-8s %s%n", label, escaped(text));
            label = "";
        }
    }
}
