package org.posthorn.integration.peer;

import org.posthorn.integration.harness.Daemon;
import org.posthorn.integration.harness.Finished;
import org.posthorn.integration.harness.Maildir;
import org.posthorn.integration.harness.SmtpConnection;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// Postfix in a private configuration and queue. Runs as root, delivers as `nobody`.
public final class Postfix implements AutoCloseable {
    private static final String MASTER =
            """
            %s inet n - n - - smtpd
            pickup unix n - n 60 1 pickup
            cleanup unix n - n - 0 cleanup
            qmgr unix n - n 300 1 qmgr
            tlsmgr unix - - n 1000? 1 tlsmgr
            rewrite unix - - n - - trivial-rewrite
            bounce unix - - n - 0 bounce
            defer unix - - n - 0 bounce
            trace unix - - n - 0 bounce
            proxymap unix - - n - - proxymap
            smtp unix - - n - - smtp
            relay unix - - n - - smtp
            lmtp unix - - n - - lmtp
            showq unix n - n - - showq
            error unix - - n - - error
            retry unix - - n - - error
            discard unix - - n - - discard
            virtual unix - n n - - virtual
            anvil unix - - n - 1 anvil
            scache unix - - n - 1 scache
            postlog unix-dgram n - n - 1 postlogd
            """;

    private final Path directory;
    private final String address;
    private final int port;
    private final Map<String, String> settings = new LinkedHashMap<>();
    private Daemon daemon;

    private Postfix(Path directory, String address, int port) {
        this.directory = directory;
        this.address = address;
        this.port = port;
    }

    /// Prepares a server that takes mail for a domain into one Maildir. Whatever is sent to
    /// `refused@` is refused for good, to `busy@` for now.
    public static Postfix receiving(Path parent, String domain, String address, int port)
            throws IOException {
        Postfix postfix = prepared(parent.resolve("postfix-" + domain), address, port);
        Path directory = postfix.directory;
        Path access = directory.resolve("etc/access");
        Files.writeString(
                access,
                "refused@%1$s 550 5.1.1 no such user here\nbusy@%1$s 450 4.2.0 come back later\n"
                        .formatted(domain));
        Path mail = Files.createDirectory(directory.resolve("mail"));
        owner(mail, "nobody");
        return postfix.set("myhostname", "mx." + domain)
                .set("virtual_mailbox_domains", domain)
                .set("virtual_mailbox_base", mail.toString())
                .set("virtual_mailbox_maps", "static:inbox/")
                .set("virtual_minimum_uid", "1")
                .set("virtual_uid_maps", "static:" + id("nobody"))
                .set("virtual_gid_maps", "static:" + id("nobody"))
                .set("virtual_mailbox_limit", "0")
                .set("smtpd_recipient_restrictions", "check_recipient_access texthash:" + access)
                .set("smtpd_relay_restrictions", "reject_unauth_destination");
    }

    /// Prepares a server that passes everything on to a port of 127.0.0.1.
    public static Postfix relaying(Path parent, int port, int to) throws IOException {
        return prepared(parent.resolve("postfix-relay"), "127.0.0.1", port)
                .set("myhostname", "relay.client.test")
                .set("mynetworks", "127.0.0.0/8")
                .set("smtpd_relay_restrictions", "permit_mynetworks, reject")
                .set("relayhost", "[127.0.0.1]:" + to);
    }

    /// Prepares a server that passes everything on by LMTP to a port of 127.0.0.1.
    public static Postfix relayingByLmtp(Path parent, int port, int to) throws IOException {
        return relaying(parent, port, to)
                .set("relayhost", "")
                .set("default_transport", "lmtp:inet:127.0.0.1:" + to);
    }

    private static Postfix prepared(Path directory, String address, int port) throws IOException {
        Files.createDirectories(directory.resolve("etc"));
        Files.createDirectories(directory.resolve("spool"));
        Files.createDirectories(directory.resolve("log"));
        owner(Files.createDirectories(directory.resolve("lib")), "postfix");
        return new Postfix(directory, address, port)
                .set("compatibility_level", "3.6")
                .set("queue_directory", directory.resolve("spool").toString())
                .set("data_directory", directory.resolve("lib").toString())
                .set("command_directory", "/usr/sbin")
                .set("daemon_directory", "/usr/lib/postfix/sbin")
                .set("mail_owner", "postfix")
                .set("setgid_group", "postdrop")
                .set("inet_interfaces", "127.0.0.1")
                .set("inet_protocols", "all")
                .set("mydestination", "")
                .set("alias_maps", "")
                .set("alias_database", "")
                .set("smtpd_peername_lookup", "no")
                .set("smtp_dns_support_level", "disabled")
                .set("smtp_host_lookup", "native")
                .set("local_header_rewrite_clients", "")
                .set("message_size_limit", "104857600")
                .set("mailbox_size_limit", "0")
                .set("in_flow_delay", "0s")
                .set("minimal_backoff_time", "1s")
                .set("queue_run_delay", "1s")
                .set("maillog_file", directory.resolve("log/maillog").toString())
                .set("maillog_file_prefixes", directory.resolve("log").toString());
    }

    /// Sets a parameter of `main.cf`.
    public Postfix set(String parameter, String value) {
        settings.put(parameter, value);
        return this;
    }

    /// Has it offer TLS to clients.
    public Postfix offeringTls(Certificate certificate) {
        return set("smtpd_tls_security_level", "may")
                .set("smtpd_tls_received_header", "yes")
                .set("smtpd_tls_cert_file", certificate.certificate().toString())
                .set("smtpd_tls_key_file", certificate.key().toString());
    }

    /// Starts it, and waits for its `220`.
    public Postfix start() throws IOException {
        Path etc = directory.resolve("etc");
        write(etc);
        String listen = (address.contains(":") ? "[" + address + "]" : address) + ":" + port;
        Files.writeString(etc.resolve("master.cf"), MASTER.formatted(listen));
        daemon =
                Daemon.start(
                                directory,
                                "postfix",
                                Map.of(),
                                List.of(Peer.POSTFIX.path(), "-c", etc.toString(), "start-fg"))
                        .awaitReady(() -> SmtpConnection.isGreeted(address, port));
        return this;
    }

    private void write(Path etc) throws IOException {
        Files.writeString(
                etc.resolve("main.cf"),
                settings.entrySet().stream()
                        .map(setting -> setting.getKey() + " = " + setting.getValue() + "\n")
                        .collect(Collectors.joining()));
    }

    /// Has a running server offer no TLS any more.
    public void withdrawTls() throws IOException {
        level("none");
    }

    /// Has a running server offer TLS again.
    public void grantTls() throws IOException {
        level("may");
    }

    private void level(String level) throws IOException {
        set("smtpd_tls_security_level", level);
        Path etc = directory.resolve("etc");
        write(etc);
        Finished.run(List.of(Peer.POSTFIX.path(), "-c", etc.toString(), "reload")).succeeded();
    }

    /// Has a running server refuse nobody any more.
    public void refuseNobody() throws IOException {
        Path etc = directory.resolve("etc");
        Files.writeString(etc.resolve("access"), "");
        Finished.run(List.of(Peer.POSTFIX.path(), "-c", etc.toString(), "reload")).succeeded();
    }

    /// Returns the mail it has received.
    public Maildir mail() {
        return new Maildir(directory.resolve("mail"));
    }

    /// Returns its port.
    public int port() {
        return port;
    }

    /// Returns its log.
    public String log() throws IOException {
        return Files.readString(directory.resolve("log/maillog"));
    }

    private static void owner(Path path, String user) throws IOException {
        var users = path.getFileSystem().getUserPrincipalLookupService();
        Files.setOwner(path, users.lookupPrincipalByName(user));
    }

    private static int id(String user) throws IOException {
        return Files.readAllLines(Path.of("/etc/passwd")).stream()
                .map(line -> line.split(":"))
                .filter(fields -> fields[0].equals(user))
                .map(fields -> Integer.parseInt(fields[2]))
                .findFirst()
                .orElseThrow(() -> new IOException("no user " + user + " in /etc/passwd"));
    }

    @Override
    public void close() {
        if (daemon != null) {
            daemon.close();
        }
    }
}
