package org.posthorn.server.command;

import org.posthorn.api.auth.Account;
import org.posthorn.server.management.PrivateFile;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// A file of accounts that is being changed: lines that are none stay as they are. For one thread.
final class UserFile {
    private final Path file;
    private final List<String> lines;

    private UserFile(Path file, List<String> lines) {
        this.file = file;
        this.lines = lines;
    }

    /// Reads a file, or begins one.
    ///
    /// @throws IOException when it cannot be read, or has a wrong line
    static UserFile read(Path file) throws IOException {
        List<String> lines = lines(file);
        for (int i = 0; i < lines.size(); i++) {
            if (isAccount(lines.get(i))) {
                try {
                    Account.parse(lines.get(i));
                } catch (IllegalArgumentException e) {
                    throw new IOException("%s:%d: %s".formatted(file, i + 1, e.getMessage()), e);
                }
            }
        }
        return new UserFile(file, lines);
    }

    private static List<String> lines(Path file) throws IOException {
        try {
            return new ArrayList<>(Files.readAllLines(file));
        } catch (NoSuchFileException e) {
            return new ArrayList<>();
        } catch (CharacterCodingException e) {
            throw new IOException(file + " is not UTF-8", e);
        }
    }

    private static boolean isAccount(String line) {
        return !line.isBlank() && !line.strip().startsWith("#");
    }

    /// Returns all accounts, by their names.
    Iterable<Account> accounts() {
        Map<String, Account> accounts = new TreeMap<>();
        lines.stream()
                .filter(UserFile::isAccount)
                .map(Account::parse)
                .forEach(it -> accounts.put(it.identity().name(), it));
        return accounts.values();
    }

    Optional<Account> find(String name) {
        int at = indexOf(name);
        return at < 0 ? Optional.empty() : Optional.of(Account.parse(lines.get(at)));
    }

    private int indexOf(String name) {
        for (int i = 0; i < lines.size(); i++) {
            if (isAccount(lines.get(i))
                    && Account.parse(lines.get(i)).identity().name().equals(name)) {
                return i;
            }
        }
        return -1;
    }

    /// Adds an account, or puts it in the place of the one with its name.
    void put(Account account) {
        int at = indexOf(account.identity().name());
        if (at < 0) {
            lines.add(account.line());
        } else {
            lines.set(at, account.line());
        }
    }

    /// Removes an account, and tells whether there was one.
    boolean remove(String name) {
        int at = indexOf(name);
        if (at >= 0) {
            lines.remove(at);
        }
        return at >= 0;
    }

    /// Writes the file as a whole, for nobody but its owner to read.
    void write() throws IOException {
        PrivateFile.write(file, String.join("\n", lines) + (lines.isEmpty() ? "" : "\n"));
    }
}
