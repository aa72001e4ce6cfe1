package org.posthorn.testkit.dialogue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// A scripted SMTP session: what a client says, and what it expects to hear. Immutable.
///
/// The file's name is the sentence that it shows. Its lines:
///
/// - `C: text` sends a line; `C 100: text` sends it so many times;
/// - `R: text` sends just these octets, with `\r`, `\n`, `\0`, `\\` and `\xHH` for what cannot
///   stand in a line; in both, `{x*3000}` is a text repeated;
/// - `S: 250 text` expects a reply of this code with a line that begins with this text, enhanced
///   status included; `S: 250-text` first, any number of times, expects more lines of the same
///   reply; `S 100: 250` expects so many replies;
/// - `S: closed` expects the connection to be closed;
/// - `T:` begins TLS;
/// - `#` is a comment, and empty lines mean nothing.
///
/// Lines of the client that follow each other are sent in one go: that is pipelining. What `R:`
/// sends goes out by itself. Behind the last `S:`, nothing is sent.
///
/// @param name what it shows
/// @param steps what happens
public record Dialogue(String name, List<Step> steps) {

    /// Copies the list.
    public Dialogue {
        steps = List.copyOf(steps);
    }

    /// A line of the script.
    ///
    /// @param line its number
    /// @param kind `C`, `R`, `S` or `T`
    /// @param times how often
    /// @param text what stands behind the colon
    public record Step(int line, char kind, int times, String text) {}

    /// Reads a script.
    ///
    /// @throws IOException when it cannot be read
    /// @throws IllegalArgumentException when a line is not as it should be; the message names it
    public static Dialogue read(Path file) throws IOException {
        List<Step> steps = new ArrayList<>();
        int number = 0;
        for (String line : Files.readAllLines(file)) {
            number++;
            if (!line.isBlank() && !line.startsWith("#")) {
                steps.add(step(file, number, line));
            }
        }
        String name = file.getFileName().toString();
        return new Dialogue(name.replaceFirst("\\.smtp$", "").replace('-', ' '), steps);
    }

    /// Reads all scripts of a directory, by name; not those of the directories below it.
    ///
    /// @throws IOException when it cannot be read
    public static List<Dialogue> readAll(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            List<Dialogue> all = new ArrayList<>();
            Iterator<Path> scripts =
                    files.filter(file -> file.toString().endsWith(".smtp")).sorted().iterator();
            while (scripts.hasNext()) {
                all.add(read(scripts.next()));
            }
            return all;
        }
    }

    private static Step step(Path file, int number, String line) {
        int colon = line.indexOf(':');
        String head = colon < 0 ? "" : line.substring(0, colon);
        if (!head.matches("[CRST]( \\d+)?")) {
            throw new IllegalArgumentException(
                    file + ":" + number + ": expected C:, R:, S:, T: or #, not " + line);
        }
        int times = head.length() > 1 ? Integer.parseInt(head.substring(2)) : 1;
        String text = line.substring(colon + 1);
        return new Step(
                number, head.charAt(0), times, text.startsWith(" ") ? text.substring(1) : text);
    }

    /// Plays the dialogue, from the greeting on.
    ///
    /// @throws AssertionError when the server says something else; the message names the line, what
    ///     was expected and what came
    /// @throws IOException when the connection fails
    public void play(Peer peer) throws IOException {
        List<String> also = new ArrayList<>();
        var lines = new ByteArrayOutputStream();
        for (Step step : steps) {
            if (step.kind() == 'C') {
                lines.writeBytes(Octets.of((step.text() + "\r\n").repeat(step.times())));
                continue;
            }
            if (lines.size() > 0) {
                peer.send(lines.toByteArray());
                lines.reset();
            }
            switch (step.kind()) {
                case 'R' -> peer.send(Octets.ofEscaped(step.text().repeat(step.times())));
                case 'T' -> peer.secure();
                default -> {
                    if (step.text().length() > 3 && step.text().charAt(3) == '-') {
                        also.add(step.text().substring(4));
                    } else {
                        for (int i = 0; i < step.times(); i++) {
                            expect(step, also, peer);
                        }
                        also.clear();
                    }
                }
            }
        }
    }

    private void expect(Step step, List<String> also, Peer peer) throws IOException {
        Optional<Answer> answer = Answer.read(peer);
        boolean fits =
                Answer.fits(answer, step.text())
                        && also.stream()
                                .allMatch(text -> answer.stream().allMatch(it -> it.has(text)));
        if (!fits) {
            throw new AssertionError(
                    name
                            + ", line "
                            + step.line()
                            + ": expected "
                            + step.text()
                            + " but got "
                            + Answer.describe(answer));
        }
    }

    /// What stands in a script as octets.
    private static final class Octets {
        private Octets() {}

        static byte[] of(String text) {
            return repeated(text).getBytes(StandardCharsets.UTF_8);
        }

        static byte[] ofEscaped(String text) {
            StringBuilder plain = new StringBuilder();
            String latin =
                    new String(
                            repeated(text).getBytes(StandardCharsets.UTF_8),
                            StandardCharsets.ISO_8859_1);
            for (int i = 0; i < latin.length(); i++) {
                char c = latin.charAt(i);
                if (c != '\\') {
                    plain.append(c);
                    continue;
                }
                char escape = latin.charAt(++i);
                switch (escape) {
                    case 'r' -> plain.append('\r');
                    case 'n' -> plain.append('\n');
                    case '0' -> plain.append('\0');
                    case '\\' -> plain.append('\\');
                    case 'x' -> {
                        plain.append((char) Integer.parseInt(latin, i + 1, i + 3, 16));
                        i += 2;
                    }
                    default -> throw new IllegalArgumentException("unknown escape \\" + escape);
                }
            }
            return plain.toString().getBytes(StandardCharsets.ISO_8859_1);
        }

        private static String repeated(String text) {
            StringBuilder whole = new StringBuilder();
            int at = 0;
            while (true) {
                int open = text.indexOf('{', at);
                int star = open < 0 ? -1 : text.indexOf('*', open);
                int close = star < 0 ? -1 : text.indexOf('}', star);
                if (close < 0) {
                    return whole.append(text, at, text.length()).toString();
                }
                int times = Integer.parseInt(text.substring(star + 1, close));
                whole.append(text, at, open).repeat(text.substring(open + 1, star), times);
                at = close + 1;
            }
        }
    }
}
