package org.posthorn.plugin.authdovecot;

import org.posthorn.api.plugin.Session;
import org.posthorn.api.plugin.Session.ClientCertificate;
import org.posthorn.api.plugin.Session.Tls;

import java.util.Optional;

/// What Dovecot is told of a client besides its response. Immutable.
///
/// @param mechanism the mechanism
/// @param parameters `key=value` or `key`, each behind a tab
record AuthRequest(String mechanism, String parameters) {

    static AuthRequest of(Session session, String mechanism, AuthDovecotSettings settings) {
        StringBuilder parameters = new StringBuilder();
        add(parameters, "service", settings.service());
        add(parameters, "session", session.id());
        add(parameters, "nologin", "");
        // The server slows guessing down by itself.
        add(parameters, "no-penalty", "");
        add(parameters, "lip", session.local().getAddress().getHostAddress());
        add(parameters, "lport", Integer.toString(session.local().getPort()));
        add(parameters, "rip", session.client().getAddress().getHostAddress());
        add(parameters, "rport", Integer.toString(session.client().getPort()));
        // Without TLS, clients get this far on loopback alone, which Dovecot calls secured, too.
        add(parameters, "secured", "");
        Optional<ClientCertificate> certificate =
                session.tls().flatMap(Tls::clientCertificate).filter(ClientCertificate::verified);
        certificate.ifPresent(
                it -> {
                    add(parameters, "valid-client-cert", "");
                    commonName(it.subject())
                            .ifPresent(name -> add(parameters, "cert_username", name));
                });
        return new AuthRequest(mechanism, parameters.toString());
    }

    /// Finds the common name, as RFC 2253 writes it; one that needs quoting is no user's name.
    private static Optional<String> commonName(String subject) {
        for (String part : subject.split(",", -1)) {
            String attribute = part.strip();
            if (attribute.startsWith("CN=") && attribute.matches("CN=[\\w.@ -]+")) {
                return Optional.of(attribute.substring(3));
            }
        }
        return Optional.empty();
    }

    private static void add(StringBuilder parameters, String key, String value) {
        parameters.append('\t').append(key);
        if (!value.isEmpty()) {
            parameters.append('=').append(Escaping.escape(value));
        }
    }
}
