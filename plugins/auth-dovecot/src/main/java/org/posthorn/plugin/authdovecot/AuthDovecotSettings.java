package org.posthorn.plugin.authdovecot;

import org.posthorn.api.config.Default;
import org.posthorn.api.config.Help;
import org.posthorn.api.mail.Domain;

import java.nio.file.Path;
import java.util.Optional;

/// The settings of `auth-dovecot`.
///
/// @param socket where Dovecot listens
/// @param service what Dovecot's policies know us by
/// @param domain what is added to names without one
record AuthDovecotSettings(
        @Help(
                        """
                        Dovecot's authentication socket: a `unix_listener` of its `service auth` for \
                        clients, such as /var/spool/postfix/private/auth.""")
                Path socket,
        @Help("The service that Dovecot is told; its configuration can tell services apart.")
                @Default("smtp")
                String service,
        @Help(
                        """
                        The domain of users whom Dovecot knows by a name without one: mona may then \
                        send as mona at this domain.""")
                Optional<Domain.Name> domain) {

    AuthDovecotSettings {
        if (!service.matches("[A-Za-z0-9_-]{1,32}")) {
            throw new IllegalArgumentException(
                    "service has 1 to 32 letters, digits, - and _, not '" + service + "'");
        }
    }
}
