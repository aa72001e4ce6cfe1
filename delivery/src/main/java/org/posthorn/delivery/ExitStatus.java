package org.posthorn.delivery;

import org.posthorn.api.smtp.Reply;

import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What a program's exit status means for a message: as in `sysexits.h`, and with Postfix's words,
/// with one difference. What is wrong on our side, and what nobody can tell, lets the mail wait,
/// and does not return it.
final class ExitStatus {
    private static final int SIGNAL = 128;
    private static final Pattern SAID =
            Pattern.compile("\\s*[245](\\.\\d{1,3}\\.\\d{1,3})\\s+(.*)", Pattern.DOTALL);

    private record Meaning(int code, String status, String text) {}

    private static final Map<Integer, Meaning> MEANINGS =
            Map.ofEntries(
                    Map.entry(64, new Meaning(451, "4.3.5", "command line usage error")),
                    Map.entry(65, new Meaning(554, "5.6.0", "data format error")),
                    Map.entry(66, new Meaning(451, "4.3.0", "cannot open input")),
                    Map.entry(67, new Meaning(550, "5.1.1", "user unknown")),
                    Map.entry(68, new Meaning(550, "5.1.2", "host name unknown")),
                    Map.entry(69, new Meaning(554, "5.3.0", "service unavailable")),
                    Map.entry(70, new Meaning(554, "5.3.0", "internal software error")),
                    Map.entry(71, new Meaning(451, "4.3.0", "system resource problem")),
                    Map.entry(72, new Meaning(451, "4.3.0", "critical OS file missing")),
                    Map.entry(73, new Meaning(451, "4.2.0", "can't create user output file")),
                    Map.entry(74, new Meaning(451, "4.3.0", "input/output error")),
                    Map.entry(75, new Meaning(451, "4.3.0", "temporary failure")),
                    Map.entry(76, new Meaning(554, "5.5.0", "remote error in protocol")),
                    Map.entry(77, new Meaning(550, "5.7.0", "permission denied")),
                    Map.entry(78, new Meaning(451, "4.3.5", "local configuration error")));

    private ExitStatus() {}

    /// Returns what a recipient is told.
    ///
    /// @param said what the program said; where it begins with an enhanced status, that one counts,
    ///     as far as it is of the same class
    static Reply reply(int status, String program, String said) {
        if (status == 0) {
            return Reply.of(250, "2.0.0", "Delivered to " + program);
        }
        Meaning meaning = MEANINGS.getOrDefault(status, unknown(status));
        Matcher parts = SAID.matcher(said);
        boolean precise = parts.matches();
        String enhanced = precise ? meaning.status().charAt(0) + parts.group(1) : meaning.status();
        String words = precise ? parts.group(2) : said;
        String text = meaning.text() + (words.isBlank() ? "" : ". Command output: " + words);
        return Wording.bounded(Reply.of(meaning.code(), enhanced, plain(text)));
    }

    private static Meaning unknown(int status) {
        return new Meaning(
                451,
                "4.3.0",
                status > SIGNAL
                        ? "command died with signal " + (status - SIGNAL)
                        : "command ended with status " + status);
    }

    /// A reply is one line of printable ASCII.
    private static String plain(String text) {
        return text.strip().replaceAll("[^\\x20-\\x7e]+", " ");
    }
}
