package org.posthorn.server.management;

import org.posthorn.api.mail.Domain;
import org.posthorn.api.mail.MailSyntaxException;
import org.posthorn.delivery.OutgoingTls;
import org.posthorn.delivery.TlsCheck;
import org.posthorn.delivery.TlsReport;
import org.posthorn.server.mxbean.OutgoingTlsMXBean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.List;

/// What is known of other domains' TLS, behind its contract.
public final class OutgoingTlsBean implements OutgoingTlsMXBean {
    private static final Logger LOG = LoggerFactory.getLogger(OutgoingTlsBean.class);

    private final OutgoingTls tls;
    private final TlsCheck check;

    /// Makes one.
    public OutgoingTlsBean(OutgoingTls tls, TlsCheck check) {
        this.tls = tls;
        this.check = check;
    }

    @Override
    public int getRememberedDomains() {
        return tls.rememberedCount();
    }

    @Override
    public int getBlockedDomains() {
        return tls.blockedCount();
    }

    @Override
    public List<RememberedDomain> remembered(int limit) {
        return tls.remembered().stream()
                .limit(Math.max(0, limit))
                .map(
                        it ->
                                new RememberedDomain(
                                        it.domain(),
                                        it.how(),
                                        it.host(),
                                        it.since().toString(),
                                        it.last().toString(),
                                        it.blocked()))
                .toList();
    }

    @Override
    public boolean forget(String domain) {
        String name = parsed(domain).ascii();
        boolean known = tls.forget(name);
        LOG.info("TLS of {} is forgotten by an operator: {}", name, known ? "done" : "not known");
        return known;
    }

    @Override
    public TlsReport check(String domain) {
        try {
            return check.check(parsed(domain));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while servers were tried", e);
        }
    }

    private static Domain parsed(String domain) {
        try {
            return Domain.parse(domain);
        } catch (MailSyntaxException e) {
            throw new IllegalArgumentException(
                    "'" + domain + "' is no domain: " + e.getMessage(), e);
        }
    }
}
