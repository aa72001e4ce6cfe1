package org.posthorn.integration.peer;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/// What a test needs that is not ours.
public enum Peer {
    /// Sends single messages, with every detail under control.
    SWAKS("swaks", "swaks"),
    /// Sends as a user's `sendmail` does.
    MSMTP("msmtp", "msmtp"),
    /// Sends by `smtp://` addresses.
    CURL("curl", "curl"),
    /// Sends with `smtplib`, and reads with `email`.
    PYTHON("python3", "python3"),
    /// Relays, and receives.
    POSTFIX("postfix", "postfix"),
    /// Receives by LMTP.
    DOVECOT("dovecot", "dovecot-lmtpd"),
    /// Serves DNS zones.
    NSD("nsd", "nsd"),
    /// Asks the DNS.
    DIG("dig", "bind9-dnsutils"),
    /// Makes certificates.
    OPENSSL("openssl", "openssl"),
    /// The rights to listen on port 25, to start servers that change their user, to mount.
    ROOT("", "");

    private final String program;
    private final String debianPackage;

    Peer(String program, String debianPackage) {
        this.program = program;
        this.debianPackage = debianPackage;
    }

    /// Returns what is missing and how to get it, or nothing.
    Optional<String> missing() {
        if (this == ROOT) {
            return System.getProperty("user.name").equals("root")
                    ? Optional.empty()
                    : Optional.of("this test runs as root only");
        }
        return find(program).isPresent()
                ? Optional.empty()
                : Optional.of(program + " is missing: apt-get install " + debianPackage);
    }

    /// Returns the program's path.
    String path() {
        return find(program).orElseThrow(() -> new IllegalStateException(missing().orElseThrow()));
    }

    private static Optional<String> find(String program) {
        String path = System.getenv("PATH") + ":/usr/sbin:/sbin";
        return Stream.of(path.split(":"))
                .map(directory -> Path.of(directory, program))
                .filter(Files::isExecutable)
                .map(Path::toString)
                .findFirst();
    }
}
