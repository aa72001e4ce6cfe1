package org.posthorn.server.management;

import static org.posthorn.server.log.UnsafeText.escaped;

import org.posthorn.delivery.SiteState;
import org.posthorn.delivery.Sites;
import org.posthorn.server.mxbean.MailSite;
import org.posthorn.server.mxbean.SitesMXBean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.List;
import java.util.Locale;

/// The sites behind their contract.
public final class SitesBean implements SitesMXBean {
    private static final Logger LOG = LoggerFactory.getLogger(SitesBean.class);
    private static final int LONGEST_TEXT = 200;

    private final Sites sites;

    /// Makes one.
    public SitesBean(Sites sites) {
        this.sites = sites;
    }

    @Override
    public int getKnown() {
        return sites.count();
    }

    @Override
    public int getIdleSessions() {
        return sites.idle();
    }

    @Override
    public List<MailSite> list(String text, int limit) {
        if (limit < 1 || limit > 10_000) {
            throw new IllegalArgumentException("limit must be 1 to 10000, not " + limit);
        }
        return sites.list(text, limit).stream().map(SitesBean::site).toList();
    }

    private static MailSite site(SiteState it) {
        return new MailSite(
                it.name(),
                it.kind().name().toLowerCase(Locale.ROOT),
                it.reason(),
                it.nextProbe().map(Object::toString).orElse(""),
                it.allowed(),
                it.used(),
                it.idle(),
                it.waiting(),
                it.opened(),
                it.sent());
    }

    @Override
    public void suspend(String site, String why) {
        if (why.length() > LONGEST_TEXT || !escaped(why).equals(why)) {
            throw new IllegalArgumentException(
                    "why: at most " + LONGEST_TEXT + " characters, no control characters");
        }
        if (!sites.suspend(site, why.isEmpty() ? "by an operator" : why)) {
            throw unknown(site);
        }
        LOG.info("{} is suspended: {}", escaped(site), why);
    }

    @Override
    public boolean resume(String site) {
        boolean was = sites.resume(site).orElseThrow(() -> unknown(site));
        if (was) {
            LOG.info("{} is resumed", escaped(site));
        }
        return was;
    }

    @Override
    public int leave(String site) {
        return sites.leaveIdle(site).orElseThrow(() -> unknown(site));
    }

    private static IllegalArgumentException unknown(String site) {
        return new IllegalArgumentException(
                "site: no mail goes to " + escaped(site) + " now; see posthorn site list");
    }
}
