package org.posthorn.plugin.authfile;

import org.posthorn.api.auth.Account;
import org.posthorn.api.auth.Accounts;
import org.posthorn.api.auth.AuthAnswer;
import org.posthorn.api.auth.Certificates;
import org.posthorn.api.plugin.Session;
import org.posthorn.api.plugin.Session.ClientCertificate;
import org.slf4j.Logger;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Optional;

/// The accounts of a file. A look at the file's times before each answer says whether it has to be
/// read again; one that cannot be read, or has a wrong line, changes nothing until it is right.
final class FileAccounts implements Accounts {
    private final Path file;
    private final Logger log;
    private volatile Known known;

    /// What was read.
    ///
    /// @param version of what; nothing when there was no file
    private record Known(Optional<Version> version, AccountLines lines) {}

    /// What changes with a file, also when another takes its place.
    private record Version(FileTime time, long size, Optional<Object> key) {}

    /// @throws IOException when the file is there, and cannot be read or has a wrong line
    FileAccounts(Path file, Logger log) throws IOException {
        this.file = file;
        this.log = log;
        Optional<Version> version = version();
        this.known =
                new Known(
                        version, version.isPresent() ? AccountLines.read(file) : AccountLines.NONE);
        if (version.isEmpty()) {
            log.warn("there is no {} yet: nobody can authenticate by it", file);
        }
    }

    @Override
    public Lookup find(Session session, String name) {
        return Optional.ofNullable(current().accounts().get(name))
                .<Lookup>map(Lookup.Found::new)
                .orElse(Lookup.UNKNOWN);
    }

    @Override
    public int iterations() {
        return known.lines().iterations();
    }

    /// Returns the same accounts as a source that knows them by their certificates.
    Certificates certificates() {
        return new Certificates() {
            @Override
            public AuthAnswer check(
                    Session session, ClientCertificate certificate, Optional<String> name) {
                return Optional.ofNullable(current().certified().get(certificate.sha256()))
                        .map(Account::identity)
                        .filter(identity -> name.stream().allMatch(identity.name()::equals))
                        .<AuthAnswer>map(AuthAnswer.Identified::new)
                        .orElse(AuthAnswer.REFUSED);
            }

            @Override
            public boolean verifiedOnly() {
                return false;
            }
        };
    }

    private AccountLines current() {
        Known before = known;
        try {
            Optional<Version> now = version();
            if (!now.equals(before.version())) {
                renew(now);
            }
        } catch (IOException e) {
            log.warn("{} cannot be looked at: {}; what it held before goes on", file, e.toString());
        }
        return known.lines();
    }

    private synchronized void renew(Optional<Version> now) {
        if (now.equals(known.version())) {
            return;
        }
        AccountLines lines = known.lines();
        try {
            lines = now.isPresent() ? AccountLines.read(file) : AccountLines.NONE;
            log.info("{} has changed: {} accounts", file, lines.accounts().size());
        } catch (IOException e) {
            log.warn("{}; what {} held before goes on", e.getMessage(), file);
        }
        known = new Known(now, lines);
    }

    private Optional<Version> version() throws IOException {
        try {
            var attributes = Files.readAttributes(file, BasicFileAttributes.class);
            return Optional.of(
                    new Version(
                            attributes.lastModifiedTime(),
                            attributes.size(),
                            Optional.ofNullable(attributes.fileKey())));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }
}
