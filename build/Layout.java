import com.google.googlejavaformat.java.Formatter;
import com.google.googlejavaformat.java.FormatterException;
import com.google.googlejavaformat.java.ImportOrderer;
import com.google.googlejavaformat.java.JavaFormatterOptions;
import com.google.googlejavaformat.java.JavaFormatterOptions.Style;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Keeps the layout of every Java source below the current directory: google-java-format, four
/// spaces, 100 columns.
///
/// `check` names the files that differ and exits with status 1; `apply` rewrites them. The build
/// starts it with the JDK of the
/// toolchain, so that the layout is the same whichever Java runs Maven.
final class Layout {
    private static final int COLUMNS = 100;
    private static final Pattern DOC =
            Pattern.compile("(?<slashes>\\s*/// )(?<list>\\s*(?:[-*] |\\d+\\. )?).*");
    private static final Pattern PROSE = Pattern.compile("(?![-*|>#@`~] |@|\\d+\\.|```)\\S");
    private static final Style STYLE = Style.AOSP;

    private final Formatter formatter =
            new Formatter(JavaFormatterOptions.builder().style(STYLE).build());

    private Layout() {}

    public static void main(String[] arguments) throws IOException, FormatterException {
        String command = arguments.length == 1 ? arguments[0] : "";
        if (!List.of("check", "apply").contains(command)) {
            throw new IllegalArgumentException("expected one argument: check or apply");
        }
        var layout = new Layout();
        boolean differs = false;
        for (Path source : sources()) {
            String before = Files.readString(source);
            String after = layout.of(source, before);
            if (after.equals(before)) {
                continue;
            }
            differs = true;
            if (command.equals("apply")) {
                Files.writeString(source, after);
            } else {
                System.err.println(source + ": layout differs, run ./format");
            }
        }
        System.exit(differs && command.equals("check") ? 1 : 0);
    }

    private static List<Path> sources() throws IOException {
        try (var tree = Files.walk(Path.of(""))) {
            return tree.filter(Layout::isSource).sorted().toList();
        }
    }

    private static boolean isSource(Path path) {
        for (Path part : path) {
            if (part.endsWith("target") || part.toString().startsWith(".")) {
                return false;
            }
        }
        return path.toString().endsWith(".java");
    }

    private String of(Path source, String text) throws FormatterException {
        try {
            return ImportOrderer.reorderImports(formatter.formatSource(wrap(text)), STYLE);
        } catch (FormatterException e) {
            System.err.println(source + ":" + e.getMessage());
            throw e;
        }
    }

    /// The formatter breaks a long line comment into `//` lines, which would tear a `///` comment
    /// apart, so such a line is wrapped here. What is left over goes in front of the next line of
    /// its paragraph.
    private static String wrap(String text) {
        var lines = new ArrayDeque<>(text.lines().toList());
        var wrapped = new StringBuilder();
        while (!lines.isEmpty()) {
            String line = lines.removeFirst();
            Matcher doc = DOC.matcher(line);
            int space = line.lastIndexOf(' ', COLUMNS);
            if (line.length() > COLUMNS && doc.matches() && space > doc.end("list")) {
                String margin = doc.group("slashes") + " ".repeat(doc.group("list").length());
                String rest = margin + line.substring(space + 1);
                lines.addFirst(
                        continues(margin, lines.peekFirst())
                                ? rest + " " + lines.removeFirst().substring(margin.length())
                                : rest);
                line = line.substring(0, space);
            }
            wrapped.append(line).append('\n');
        }
        return wrapped.toString();
    }

    private static boolean continues(String margin, String next) {
        return next != null
                && next.startsWith(margin)
                && PROSE.matcher(next.substring(margin.length())).lookingAt();
    }
}
