package org.posthorn.smtp.server.sasl;

import org.posthorn.api.auth.Accounts;
import org.posthorn.api.auth.Certificates;
import org.posthorn.api.auth.Credentials;
import org.posthorn.api.auth.Exchange;
import org.posthorn.api.auth.Exchanges;
import org.posthorn.api.auth.Passwords;
import org.posthorn.api.auth.ScramHash;
import org.posthorn.api.auth.Tokens;
import org.posthorn.api.plugin.Session.ClientCertificate;

import java.util.Arrays;
import java.util.Optional;

/// The mechanisms that the server speaks itself.
public enum Mechanism {
    /// RFC 4616.
    PLAIN("PLAIN"),
    /// What Outlook made of it; never a standard.
    LOGIN("LOGIN"),
    /// RFC 5802.
    SCRAM_SHA_1("SCRAM-SHA-1"),
    /// RFC 7677.
    SCRAM_SHA_256("SCRAM-SHA-256"),
    /// RFC 7677, bound to TLS.
    SCRAM_SHA_256_PLUS("SCRAM-SHA-256-PLUS"),
    /// What Google made before RFC 7628.
    XOAUTH2("XOAUTH2"),
    /// RFC 7628.
    OAUTHBEARER("OAUTHBEARER"),
    /// RFC 4422 appendix A.
    EXTERNAL("EXTERNAL");

    private final String text;

    Mechanism(String text) {
        this.text = text;
    }

    /// Returns its name on the wire.
    public String text() {
        return text;
    }

    /// Finds a mechanism by its name in upper case.
    public static Optional<Mechanism> of(String text) {
        return Arrays.stream(values()).filter(it -> it.text.equals(text)).findFirst();
    }

    /// Begins an exchange.
    Exchange begin(Inquiry inquiry) {
        return switch (this) {
            case PLAIN -> new PlainExchange(inquiry);
            case LOGIN -> new LoginExchange(inquiry);
            case SCRAM_SHA_1 -> new ScramExchange(inquiry, ScramHash.SHA_1, false);
            case SCRAM_SHA_256 -> new ScramExchange(inquiry, ScramHash.SHA_256, false);
            case SCRAM_SHA_256_PLUS -> new ScramExchange(inquiry, ScramHash.SHA_256, true);
            case XOAUTH2, OAUTHBEARER -> new BearerExchange(inquiry, this);
            case EXTERNAL -> new ExternalExchange(inquiry);
        };
    }

    /// Tells whether a source can take part in it, over a connection with this TLS.
    boolean isServedBy(Credentials source, SaslChannel channel) {
        return switch (this) {
            case PLAIN, LOGIN ->
                    source instanceof Accounts
                            || source instanceof Passwords
                            || relays(source, PLAIN);
            case SCRAM_SHA_1, SCRAM_SHA_256 -> source instanceof Accounts || relays(source, this);
            case SCRAM_SHA_256_PLUS -> source instanceof Accounts && !channel.bindings().isEmpty();
            case XOAUTH2, OAUTHBEARER -> source instanceof Tokens || relays(source, this);
            case EXTERNAL -> channel.certificate().stream().anyMatch(it -> judges(source, it));
        };
    }

    /// Tells whether a source can be asked about a certificate.
    static boolean judges(Credentials source, ClientCertificate certificate) {
        return source instanceof Certificates certificates
                ? certificate.verified() || !certificates.verifiedOnly()
                : certificate.verified() && relays(source, EXTERNAL);
    }

    private static boolean relays(Credentials source, Mechanism mechanism) {
        return source instanceof Exchanges exchanges
                && exchanges.mechanisms().contains(mechanism.text);
    }
}
