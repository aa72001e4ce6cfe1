package org.posthorn.server.command;

import org.jspecify.annotations.Nullable;
import org.posthorn.api.auth.Account;
import org.posthorn.api.auth.Accounts;
import org.posthorn.api.auth.Fingerprint;
import org.posthorn.api.auth.Identity;
import org.posthorn.api.auth.ScramHash;
import org.posthorn.api.auth.ScramRecord;
import org.posthorn.api.auth.SenderPattern;
import org.posthorn.server.config.ConfigurationException;
import org.posthorn.smtp.sasl.SaslPrep;
import org.posthorn.smtp.sasl.Scram;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/// `posthorn user`
@Command(
        name = "user",
        description = {
            "Shows and changes the accounts of the plugin auth-file. No server need run; one that",
            "does goes by the new accounts at once. Passwords are read from the terminal, or else",
            "from the first line of standard input; they are not kept."
        })
final class UserCommand {
    private static final int SALT = 16;
    private static final int ITERATIONS = 65_536;

    private final PrintWriter out;
    private final PrintWriter err;
    private final Password password;
    private final RandomGenerator random;

    /// @param random gives salts, so it must not be predictable
    UserCommand(PrintWriter out, PrintWriter err, Password password, RandomGenerator random) {
        this.out = out;
        this.err = err;
        this.password = password;
        this.random = random;
    }

    /// How an account is verified.
    static final class RecordOptions {
        @Option(
                names = "--iterations",
                paramLabel = "NUMBER",
                defaultValue = "" + ITERATIONS,
                description = "What guessing costs: 4096 to 10000000; ${DEFAULT-VALUE} by default.")
        private int iterations;

        @Option(
                names = "--scram-sha-1",
                description = "Also keeps a record for clients that speak SCRAM-SHA-1 only.")
        private boolean old;
    }

    @Command(name = "add", description = "Adds an account.")
    int add(
            @Mixin UserFileOption where,
            @Mixin RecordOptions how,
            @Option(
                            names = "--address",
                            paramLabel = "ADDRESS",
                            description = {
                                "What it may send as: mona@example.org, *@example.org, or *. By",
                                "default its name, when that is an address. Can be repeated."
                            })
                    @Nullable List<String> addresses,
            @Option(
                            names = "--certificate",
                            paramLabel = "CERTIFICATE",
                            description = {
                                "What its clients show in place of a password, which is not asked",
                                "for then: a SHA-256 fingerprint, or a file. Can be repeated."
                            })
                    @Nullable List<String> certificates,
            @Parameters(paramLabel = "NAME") String name)
            throws ConfigurationException, IOException {
        UserFile file = where.read();
        String prepared = prepared("name", name);
        if (file.find(prepared).isPresent()) {
            return failed("there is an account " + prepared + " already: posthorn user passwd");
        }
        Identity identity = new Identity(prepared, senders(prepared, addresses));
        file.put(
                certificates == null
                        ? new Account(identity, ask(prepared, how))
                        : new Account(identity, List.of(), nobodys(certificates, file)));
        file.write();
        return 0;
    }

    @Command(name = "passwd", description = "Changes the password of an account.")
    int passwd(
            @Mixin UserFileOption where,
            @Mixin RecordOptions how,
            @Parameters(paramLabel = "NAME") String name)
            throws ConfigurationException, IOException {
        UserFile file = where.read();
        Optional<Account> known = file.find(prepared("name", name));
        if (known.isEmpty()) {
            return failed("there is no account " + name);
        }
        Identity identity = known.get().identity();
        file.put(new Account(identity, ask(identity.name(), how), known.get().certificates()));
        file.write();
        return 0;
    }

    @Command(
            name = "certificate",
            description = "Adds or removes a certificate that clients of an account may show.")
    int certificate(
            @Mixin UserFileOption where,
            @Option(names = "--remove", description = "Removes it.") boolean remove,
            @Parameters(paramLabel = "NAME") String name,
            @Parameters(
                            paramLabel = "CERTIFICATE",
                            description = "Its SHA-256 fingerprint, or its file (PEM or DER).")
                    String certificate)
            throws ConfigurationException, IOException {
        UserFile file = where.read();
        Optional<Account> known = file.find(prepared("name", name));
        if (known.isEmpty()) {
            return failed("there is no account " + name);
        }
        Account account = known.get();
        List<Fingerprint> certificates = new ArrayList<>(account.certificates());
        if (!remove) {
            certificates.addAll(nobodys(List.of(certificate), file));
        } else if (!certificates.remove(NamedCertificate.read(certificate))) {
            return failed(name + " has no such certificate");
        } else if (certificates.isEmpty() && account.records().isEmpty()) {
            return failed("nothing else is known of " + name + ": posthorn user remove");
        }
        file.put(new Account(account.identity(), account.records(), certificates));
        file.write();
        return 0;
    }

    @Command(name = "remove", description = "Removes an account.")
    int remove(@Mixin UserFileOption where, @Parameters(paramLabel = "NAME") String name)
            throws ConfigurationException, IOException {
        UserFile file = where.read();
        if (!file.remove(prepared("name", name))) {
            return failed("there is no account " + name);
        }
        file.write();
        return 0;
    }

    @Command(name = "list", description = "Lists the accounts, by their names.")
    int list(@Mixin UserFileOption where, @Mixin JsonOption json)
            throws ConfigurationException, IOException {
        for (Account account : where.read().accounts()) {
            Entry entry = Entry.of(account);
            if (json.isGiven()) {
                out.println(Json.of(entry));
            } else {
                out.printf(
                        "%s %s, may send as %s%n",
                        entry.name(),
                        String.join(", ", entry.mechanisms()),
                        entry.addresses().isEmpty()
                                ? "nobody"
                                : String.join(", ", entry.addresses()));
            }
        }
        return 0;
    }

    /// An account without its secrets.
    ///
    /// @param iterations the fewest of its records; 0 without records
    record Entry(
            String name,
            List<String> mechanisms,
            int iterations,
            List<String> certificates,
            List<String> addresses) {
        static Entry of(Account account) {
            Stream<String> records = account.records().stream().map(it -> it.hash().mechanism());
            Stream<String> external =
                    account.certificates().isEmpty() ? Stream.empty() : Stream.of("EXTERNAL");
            return new Entry(
                    account.identity().name(),
                    Stream.concat(records, external).toList(),
                    account.records().stream().mapToInt(ScramRecord::iterations).min().orElse(0),
                    texts(account.certificates()),
                    texts(account.identity().senders()));
        }

        private static List<String> texts(List<?> values) {
            return values.stream().map(Object::toString).toList();
        }
    }

    private static List<SenderPattern> senders(String name, @Nullable List<String> addresses)
            throws IOException {
        if (addresses == null) {
            try {
                return List.of(SenderPattern.parse(name));
            } catch (IllegalArgumentException e) {
                return List.of();
            }
        }
        List<SenderPattern> senders = new ArrayList<>();
        for (String address : addresses) {
            try {
                senders.add(SenderPattern.parse(address));
            } catch (IllegalArgumentException e) {
                throw new IOException("'" + address + "' is no address: " + e.getMessage(), e);
            }
        }
        return senders;
    }

    /// Reads certificates, of which none may be that of an account.
    private static List<Fingerprint> nobodys(List<String> certificates, UserFile file)
            throws IOException {
        Set<Fingerprint> read = new LinkedHashSet<>();
        for (String certificate : certificates) {
            read.add(NamedCertificate.read(certificate));
        }
        for (Account account : file.accounts()) {
            for (Fingerprint taken : account.certificates()) {
                if (read.contains(taken)) {
                    throw new IOException(
                            "the certificate %s is that of %s already"
                                    .formatted(taken, account.identity().name()));
                }
            }
        }
        return List.copyOf(read);
    }

    private List<ScramRecord> ask(String name, RecordOptions how) throws IOException {
        String secret = prepared("password", password.ask(name));
        List<ScramRecord> records = new ArrayList<>();
        try {
            records.add(record(ScramHash.SHA_256, secret, how.iterations));
            if (how.old) {
                records.add(record(ScramHash.SHA_1, secret, how.iterations));
            }
        } catch (IllegalArgumentException e) {
            throw new IOException(e.getMessage(), e);
        }
        return records;
    }

    private ScramRecord record(ScramHash hash, String secret, int iterations) {
        byte[] salt = new byte[SALT];
        random.nextBytes(salt);
        if (iterations < Accounts.LEAST_ITERATIONS || iterations > ScramRecord.MOST_ITERATIONS) {
            throw new IllegalArgumentException(
                    "--iterations is %d to %d, not %d"
                            .formatted(
                                    Accounts.LEAST_ITERATIONS,
                                    ScramRecord.MOST_ITERATIONS,
                                    iterations));
        }
        return Scram.record(hash, secret, ByteBuffer.wrap(salt), iterations);
    }

    private static String prepared(String what, String text) throws IOException {
        return SaslPrep.stored(text)
                .orElseThrow(
                        () ->
                                new IOException(
                                        "the "
                                                + what
                                                + " is empty, or has characters that must not be"
                                                + " in one (RFC 4013)"));
    }

    private int failed(String why) {
        err.println("posthorn: " + why);
        return Posthorn.FAILED;
    }
}
