package org.posthorn.delivery;

import org.posthorn.api.delivery.ReplyClass;
import org.posthorn.api.smtp.EnhancedStatus;
import org.posthorn.api.smtp.Reply;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;

/// What replies mean: the rows of `replies.txt`, of which the first that fits counts. Immutable.
final class ReplyTable {
    /// The one that comes with the server.
    static final ReplyTable STANDARD = ReplyTable.parse(standard());

    /// Who speaks in rows for what no server has said.
    private static final String US = "us";

    private static final String ANY_SERVER = "any";
    private static final int COLUMNS = 5;

    /// One row.
    ///
    /// @param by `any`, `us`, or the end of a host's name
    /// @param status nothing for any, and for none
    /// @param words nothing for any text
    record Row(
            ReplyClass kind,
            String by,
            Pattern code,
            Optional<Pattern> status,
            Optional<Pattern> words) {

        boolean fits(Reply reply, Optional<String> host) {
            return by(host)
                    && code.matcher(Integer.toString(reply.code())).matches()
                    && (status.isEmpty() || reply.status().filter(this::hasStatus).isPresent())
                    && (words.isEmpty() || Patience.finds(words.get(), reply.text()));
        }

        private boolean hasStatus(EnhancedStatus its) {
            return status.orElseThrow().matcher(its.toString()).matches();
        }

        private boolean by(Optional<String> host) {
            return switch (by) {
                case US -> host.isEmpty();
                case ANY_SERVER -> host.isPresent();
                default -> host.filter(it -> it.toLowerCase(Locale.ROOT).endsWith(by)).isPresent();
            };
        }
    }

    private final List<Row> rows;

    private ReplyTable(List<Row> rows) {
        this.rows = rows;
    }

    private static String standard() {
        try (InputStream table = ReplyTable.class.getResourceAsStream("replies.txt")) {
            return new String(
                    Objects.requireNonNull(table, "replies.txt").readAllBytes(),
                    StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Reads a table.
    ///
    /// @throws IllegalArgumentException naming a line that is no row
    static ReplyTable parse(String text) {
        return new ReplyTable(
                text.lines()
                        .filter(line -> !line.isBlank() && !line.startsWith("#"))
                        .map(ReplyTable::row)
                        .toList());
    }

    private static Row row(String line) {
        String[] columns = line.strip().split("\\s+", COLUMNS);
        if (columns.length < COLUMNS - 1) {
            throw new IllegalArgumentException("class, by, code and status expected: " + line);
        }
        return new Row(
                kind(columns[0]),
                columns[1],
                Pattern.compile(columns[2]),
                columns[3].equals("*") ? Optional.empty() : Optional.of(status(columns[3])),
                columns.length < COLUMNS
                        ? Optional.empty()
                        : Optional.of(Pattern.compile(columns[4], Pattern.CASE_INSENSITIVE)));
    }

    private static ReplyClass kind(String name) {
        return ReplyClass.valueOf(name.toUpperCase(Locale.ROOT).replace('-', '_'));
    }

    /// A lone `x` is any number, one beside digits is any digit.
    private static Pattern status(String text) {
        return Pattern.compile(
                text.replace(".", "\\.")
                        .replaceAll("(?<![\\dx])x(?![\\dx])", "\\\\d+")
                        .replace("x", "\\d"));
    }

    List<Row> rows() {
        return rows;
    }

    /// Finds what a reply means.
    ///
    /// @param host who said it; nothing for what we say where no server did
    ReplyClass of(Reply reply, Optional<String> host) {
        return rows.stream()
                .filter(row -> row.fits(reply, host))
                .findFirst()
                .map(Row::kind)
                .orElse(ReplyClass.OTHER);
    }
}
