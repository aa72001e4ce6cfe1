package org.posthorn.integration.peer;

import org.posthorn.integration.harness.Finished;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
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
    /// Receives with CHUNKING, PRDR, DSN and SMTPUTF8. Its package and Postfix's exclude each
    /// other, so it is only unpacked: `.ci/run` says where.
    EXIM("exim4", "exim4-daemon-light"),
    /// Receives without PIPELINING; unpacked as Exim is.
    OPENSMTPD("smtpd", "opensmtpd"),
    /// Receives by LMTP.
    DOVECOT("dovecot", "dovecot-lmtpd"),
    /// Serves DNS zones.
    NSD("nsd", "nsd"),
    /// Resolves names, and validates DNSSEC.
    UNBOUND("unbound", "unbound"),
    /// Signs DNS zones.
    LDNS("ldns-signzone", "ldnsutils"),
    /// Stands in front, and speaks the PROXY protocol.
    HAPROXY("haproxy", "haproxy"),
    /// Asks the DNS.
    DIG("dig", "bind9-dnsutils"),
    /// Authenticates, bound to TLS.
    GSASL("gsasl", "gsasl"),
    /// Makes certificates.
    OPENSSL("openssl", "openssl"),
    /// Compiles what is preloaded into a server.
    GCC("gcc", "gcc"),
    /// The rights to start servers that change their user.
    ROOT("", ""),
    /// The loopback address of IPv6.
    IPV6("", ""),
    /// The rights to mount a file system.
    MOUNT("mount", "mount");

    /// Where packages are unpacked that cannot be installed.
    private static final String UNPACKED = "/usr/local/lib/posthorn-peers/usr/sbin";

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
        if (this == IPV6) {
            return hasIpv6() ? Optional.empty() : Optional.of("::1 is missing: enable IPv6 on lo");
        }
        if (this == MOUNT && !mayMount()) {
            return Optional.of("this test mounts a tmpfs, which is not allowed here");
        }
        return find(program).isPresent()
                ? Optional.empty()
                : Optional.of(program + " is missing: apt-get install " + debianPackage);
    }

    /// Returns the program's path.
    String path() {
        return find(program).orElseThrow(() -> new IllegalStateException(missing().orElseThrow()));
    }

    private static boolean hasIpv6() {
        try (var socket = new ServerSocket()) {
            socket.bind(new InetSocketAddress("::1", 0));
            return true;
        } catch (IOException _) {
            return false;
        }
    }

    private static boolean mayMount() {
        return Finished.run(List.of("unshare", "-m", "mount", "-t", "tmpfs", "none", "/mnt"))
                        .status()
                == 0;
    }

    private static Optional<String> find(String program) {
        String path = System.getenv("PATH") + ":/usr/sbin:/sbin:" + UNPACKED;
        return Stream.of(path.split(":"))
                .map(directory -> Path.of(directory, program))
                .filter(Files::isExecutable)
                .map(Path::toString)
                .findFirst();
    }
}
