package org.posthorn.plugin.authfile;

import org.posthorn.api.auth.Account;
import org.posthorn.api.auth.Accounts;
import org.posthorn.api.auth.Fingerprint;
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
/// @param certified by the fingerprints of their certificates
/// @param iterations of most records
record AccountLines(Map<String, Account> accounts, Map<String, Account> certified, int iterations) {
    /// No accounts.
    static final AccountLines NONE =
            new AccountLines(Map.of(), Map.of(), Accounts.LEAST_ITERATIONS);

    AccountLines {
        accounts = Map.copyOf(accounts);
        certified = Map.copyOf(certified);
    }

    /// Reads a file.
    ///
    /// @throws IOException when it cannot be read or has wrong lines; the message names them all,
    ///     and never holds a key
    static AccountLines read(Path file) throws IOException {
        List<String> wrong = new ArrayList<>();
        Map<String, Account> accounts = new HashMap<>();
        Map<String, Account> certified = new HashMap<>();
        List<String> lines = lines(file);
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i).strip();
            if (line.isEmpty() || line.startsWith("#")) {
                continue;
            }
            try {
                enter(Account.parse(line), accounts, certified);
            } catch (IllegalArgumentException e) {
                wrong.add("%s:%d: %s".formatted(file, i + 1, e.getMessage()));
            }
        }
        if (!wrong.isEmpty()) {
            throw new IOException(String.join("\n", wrong));
        }
        return new AccountLines(accounts, certified, usual(accounts));
    }

    private static void enter(
            Account account, Map<String, Account> accounts, Map<String, Account> certified) {
        String name = account.identity().name();
        if (accounts.put(name, account) != null) {
            throw new IllegalArgumentException("there is an account %s already".formatted(name));
        }
        for (Fingerprint certificate : account.certificates()) {
            Account other = certified.put(certificate.sha256(), account);
            if (other != null) {
                throw new IllegalArgumentException(
                        "the certificate %s is that of %s already"
                                .formatted(certificate, other.identity().name()));
            }
        }
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
