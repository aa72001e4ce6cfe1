package org.posthorn.plugin.authfile;

import org.posthorn.api.auth.Account;
import org.posthorn.api.auth.Accounts;
import org.posthorn.api.auth.ScramRecord;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/// A file of accounts: one in each line, as [Account] writes it, besides empty lines and those that
/// begin with `#`. Immutable.
///
/// @param accounts by their names
/// @param iterations of most records
record AccountLines(Map<String, Account> accounts, int iterations) {
    /// No accounts.
    static final AccountLines NONE = new AccountLines(Map.of(), Accounts.LEAST_ITERATIONS);

    AccountLines {
        accounts = Map.copyOf(accounts);
    }

    /// Reads a file.
    ///
    /// @throws IOException when it cannot be read or has wrong lines; the message names them all,
    ///     and never holds a key
    static AccountLines read(Path file) throws IOException {
        List<String> wrong = new ArrayList<>();
        Map<String, Account> accounts = new HashMap<>();
        List<String> lines = lines(file);
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i).strip();
            if (line.isEmpty() || line.startsWith("#")) {
                continue;
            }
            try {
                Account account = Account.parse(line);
                String name = account.identity().name();
                if (accounts.put(name, account) != null) {
                    wrong.add("%s:%d: there is an account %s already".formatted(file, i + 1, name));
                }
            } catch (IllegalArgumentException e) {
                wrong.add("%s:%d: %s".formatted(file, i + 1, e.getMessage()));
            }
        }
        if (!wrong.isEmpty()) {
            throw new IOException(String.join("\n", wrong));
        }
        return new AccountLines(accounts, usual(accounts));
    }

    private static List<String> lines(Path file) throws IOException {
        try {
            return Files.readAllLines(file);
        } catch (CharacterCodingException e) {
            throw new IOException(file + ": is not UTF-8", e);
        } catch (IOException e) {
            throw new IOException(file + ": cannot be read: " + e, e);
        }
    }

    private static int usual(Map<String, Account> accounts) {
        return accounts.values().stream()
                .flatMap(account -> account.records().stream())
                .map(ScramRecord::iterations)
                .collect(Collectors.groupingBy(Function.identity(), Collectors.counting()))
                .entrySet()
                .stream()
                .max(Map.Entry.comparingByValue())
                .map(Map.Entry::getKey)
                .orElse(Accounts.LEAST_ITERATIONS);
    }
}
