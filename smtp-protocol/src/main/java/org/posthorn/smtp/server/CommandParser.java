package org.posthorn.smtp.server;

import io.netty.buffer.ByteBuf;

import org.posthorn.api.mail.MailSyntaxException;
import org.posthorn.api.mail.Parameters;
import org.posthorn.api.smtp.Reply;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Turns a line into a [Command] (RFC 5321 §4.1.1), without a copy of it where there is no
/// argument.
final class CommandParser {
    private static final int VERB = 4;
    private static final int MAX_VERB_SHOWN = 32;
    private static final int UPPER = 0xDFDFDFDF;

    private static final int EHLO = 'E' << 24 | 'H' << 16 | 'L' << 8 | 'O';
    private static final int HELO = 'H' << 24 | 'E' << 16 | 'L' << 8 | 'O';
    private static final int LHLO = 'L' << 24 | 'H' << 16 | 'L' << 8 | 'O';
    private static final int MAIL = 'M' << 24 | 'A' << 16 | 'I' << 8 | 'L';
    private static final int RCPT = 'R' << 24 | 'C' << 16 | 'P' << 8 | 'T';
    private static final int AUTH = 'A' << 24 | 'U' << 16 | 'T' << 8 | 'H';
    private static final int DATA = 'D' << 24 | 'A' << 16 | 'T' << 8 | 'A';
    private static final int BDAT = 'B' << 24 | 'D' << 16 | 'A' << 8 | 'T';
    private static final int RSET = 'R' << 24 | 'S' << 16 | 'E' << 8 | 'T';
    private static final int NOOP = 'N' << 24 | 'O' << 16 | 'O' << 8 | 'P';
    private static final int QUIT = 'Q' << 24 | 'U' << 16 | 'I' << 8 | 'T';
    private static final int VRFY = 'V' << 24 | 'R' << 16 | 'F' << 8 | 'Y';
    private static final int EXPN = 'E' << 24 | 'X' << 16 | 'P' << 8 | 'N';
    private static final int ETRN = 'E' << 24 | 'T' << 16 | 'R' << 8 | 'N';
    private static final int HELP = 'H' << 24 | 'E' << 16 | 'L' << 8 | 'P';

    /// A mechanism (RFC 4422 §3.1), and a response.
    private static final Pattern AUTH_ARGUMENTS =
            Pattern.compile("([A-Za-z0-9_-]{1,20})(?: +([^ ]+))?");
    private static final int LAST = 'L' << 24 | 'A' << 16 | 'S' << 8 | 'T';
    private static final int MAX_SIZE_DIGITS = 18;

    /// A chunk of nobody knows how many octets.
    static final Command.Uncountable UNCOUNTABLE = new Command.Uncountable();

    private static final Command.Data DATA_COMMAND = new Command.Data();
    private static final Command.Rset RSET_COMMAND = new Command.Rset();
    private static final Command.Noop NOOP_COMMAND = new Command.Noop();
    private static final Command.Quit QUIT_COMMAND = new Command.Quit();
    private static final Command.Help HELP_COMMAND = new Command.Help();
    private static final Command.StartTls START_TLS_COMMAND = new Command.StartTls();

    private CommandParser() {}

    /// Reads one line.
    ///
    /// @param in holds it
    /// @param start where it begins
    /// @param end where it ends, without its CRLF
    static Command parse(ByteBuf in, int start, int end) {
        int last = end;
        while (last > start && isBlank(in.getByte(last - 1))) {
            last--;
        }
        int verbEnd = start;
        while (verbEnd < last && in.getByte(verbEnd) != ' ') {
            verbEnd++;
        }
        if (verbEnd == start) {
            return new Command.Malformed("", Replies.EMPTY_COMMAND);
        }
        for (int i = start; i < last; i++) {
            if (isControl(in.getByte(i))) {
                return refused(in, start, last, Replies.CONTROL_CHARACTER);
            }
        }
        int argument = verbEnd;
        while (argument < last && in.getByte(argument) == ' ') {
            argument++;
        }
        return verbEnd - start == VERB
                ? shortVerb(in, start, argument, last)
                : longVerb(in, start, verbEnd, argument, last);
    }

    /// Refuses a line as a whole. Behind one that begins a chunk, content follows, and nobody knows
    /// how much.
    static Command refused(ByteBuf in, int start, int end, Reply reply) {
        return isBdat(in, start, end) ? UNCOUNTABLE : new Command.Malformed("", reply);
    }

    /// Tells whether a line, or what there is of it, begins with `BDAT`.
    static boolean isBdat(ByteBuf in, int start, int end) {
        return end - start >= VERB && (in.getInt(start) & UPPER) == BDAT;
    }

    private static Command shortVerb(ByteBuf in, int start, int argument, int end) {
        return switch (in.getInt(start) & UPPER) {
            case EHLO -> hello("EHLO", in, argument, end, Command.Ehlo::new);
            case HELO -> hello("HELO", in, argument, end, Command.Helo::new);
            case LHLO -> hello("LHLO", in, argument, end, Command.Lhlo::new);
            case MAIL -> mail(in, argument, end);
            case RCPT -> rcpt(in, argument, end);
            case DATA -> alone("DATA", DATA_COMMAND, argument, end);
            case BDAT -> bdat(in, argument, end);
            case RSET -> alone("RSET", RSET_COMMAND, argument, end);
            case QUIT -> alone("QUIT", QUIT_COMMAND, argument, end);
            case AUTH -> auth(in, argument, end);
            case NOOP -> NOOP_COMMAND;
            case HELP -> HELP_COMMAND;
            case VRFY -> withText("VRFY", in, argument, end, Command.Vrfy::new);
            case ETRN -> withText("ETRN", in, argument, end, Command.Etrn::new);
            case EXPN -> withText("EXPN", in, argument, end, Command.Expn::new);
            default -> unknown(in, start, start + VERB);
        };
    }

    /// Tells whether a line of more than five octets begins with `AUTH`.
    static boolean isAuth(ByteBuf in, int start) {
        return (in.getInt(start) & UPPER) == AUTH && in.getByte(start + VERB) == ' ';
    }

    private static Command auth(ByteBuf in, int start, int end) {
        String text = in.toString(start, end - start, StandardCharsets.ISO_8859_1);
        Matcher parts = AUTH_ARGUMENTS.matcher(text);
        return parts.matches()
                ? new Command.Auth(
                        parts.group(1).toUpperCase(Locale.ROOT),
                        Optional.ofNullable(parts.group(2)))
                : new Command.Malformed("AUTH", Replies.BAD_AUTH);
    }

    private static Command longVerb(ByteBuf in, int start, int verbEnd, int argument, int end) {
        Command.Unknown unknown = unknown(in, start, verbEnd);
        return switch (unknown.verb()) {
            case "STARTTLS" -> alone("STARTTLS", START_TLS_COMMAND, argument, end);
            case "XCLIENT" ->
                    attributes(
                            unknown.verb(),
                            in,
                            argument,
                            end,
                            text ->
                                    new Command.Xclient(
                                            ClientAttributes.parse(
                                                    text, ClientAttributes.OF_XCLIENT)));
            case "XFORWARD" ->
                    attributes(
                            unknown.verb(),
                            in,
                            argument,
                            end,
                            text ->
                                    new Command.Xforward(
                                            ClientAttributes.parse(
                                                    text, ClientAttributes.OF_XFORWARD)));
            default -> unknown;
        };
    }

    private static Command attributes(
            String verb, ByteBuf in, int start, int end, Function<String, Command> command) {
        try {
            return withText(verb, in, start, end, command);
        } catch (MailSyntaxException e) {
            return new Command.Malformed(
                    verb, Replies.badAttribute(String.valueOf(e.getMessage())));
        }
    }

    private static Command.Unknown unknown(ByteBuf in, int start, int end) {
        int length = Math.min(end - start, MAX_VERB_SHOWN);
        String verb = in.toString(start, length, StandardCharsets.US_ASCII);
        return new Command.Unknown(verb.toUpperCase(Locale.ROOT));
    }

    private static Command alone(String verb, Command command, int argument, int end) {
        return argument == end ? command : new Command.Malformed(verb, Replies.NO_ARGUMENT);
    }

    /// A size that cannot be read leaves no way to tell content from commands.
    private static Command bdat(ByteBuf in, int start, int end) {
        long size = 0;
        int at = start;
        while (at < end && in.getByte(at) >= '0' && in.getByte(at) <= '9') {
            size = size * 10 + in.getByte(at) - '0';
            at++;
        }
        if (at == start || at - start > MAX_SIZE_DIGITS || at < end && in.getByte(at) != ' ') {
            return UNCOUNTABLE;
        }
        while (at < end && in.getByte(at) == ' ') {
            at++;
        }
        boolean last = end - at == VERB && (in.getInt(at) & UPPER) == LAST;
        return last || at == end ? new Command.Bdat(size, last) : UNCOUNTABLE;
    }

    private static Command withText(
            String verb, ByteBuf in, int start, int end, Function<String, Command> command) {
        if (start == end) {
            return new Command.Malformed(verb, Replies.ARGUMENT_MISSING);
        }
        try {
            return command.apply(text(in, start, end));
        } catch (CharacterCodingException e) {
            return new Command.Malformed(verb, Replies.NOT_UTF8);
        }
    }

    /// Takes whatever a client may mean as its name: RFC 5321 §4.1.4 forbids to refuse mail over
    /// it.
    private static Command hello(
            String verb, ByteBuf in, int start, int end, Function<String, Command> command) {
        boolean hopeless = start == end || end - start > 255;
        for (int i = start; i < end; i++) {
            byte octet = in.getByte(i);
            hopeless |= octet <= ' ' || octet == 0x7f;
        }
        return hopeless
                ? new Command.Malformed(verb, Replies.BAD_HELLO)
                : command.apply(in.toString(start, end - start, StandardCharsets.US_ASCII));
    }

    private static Command mail(ByteBuf in, int start, int end) {
        return withPath(
                new Form<>("MAIL", "FROM:", Replies::badSender, PathParser::reverse),
                in,
                start,
                end,
                Command.Mail::new);
    }

    private static Command rcpt(ByteBuf in, int start, int end) {
        return withPath(
                new Form<>("RCPT", "TO:", Replies::badRecipient, PathParser::forward),
                in,
                start,
                end,
                Command.Rcpt::new);
    }

    /// The form of a command with a path.
    private record Form<P>(
            String verb,
            String keyword,
            Function<String, Reply> refusal,
            Function<String, P> parser) {}

    /// Tolerates spaces behind the colon, as everybody does.
    private static <P> Command withPath(
            Form<P> form,
            ByteBuf in,
            int start,
            int end,
            BiFunction<P, Parameters, Command> command) {
        String verb = form.verb();
        try {
            String text = text(in, start, end);
            int from = form.keyword().length();
            if (!text.regionMatches(true, 0, form.keyword(), 0, from)) {
                throw new MailSyntaxException("expected " + form.keyword() + "<path>");
            }
            while (from < text.length() && text.charAt(from) == ' ') {
                from++;
            }
            int behind = PathParser.end(text, from);
            P path = form.parser().apply(text.substring(from, behind));
            return behind == text.length()
                    ? command.apply(path, Parameters.NONE)
                    : withParameters(verb, text, behind, some -> command.apply(path, some));
        } catch (MailSyntaxException e) {
            return new Command.Malformed(verb, form.refusal().apply(e.rule()));
        } catch (CharacterCodingException e) {
            return new Command.Malformed(verb, Replies.NOT_UTF8);
        }
    }

    private static Command withParameters(
            String verb, String text, int start, Function<Parameters, Command> command) {
        try {
            return command.apply(ParameterParser.parse(text, start));
        } catch (MailSyntaxException e) {
            return new Command.Malformed(verb, Replies.badParameter(e.rule()));
        }
    }

    private static String text(ByteBuf in, int start, int end) throws CharacterCodingException {
        for (int i = start; i < end; i++) {
            if (in.getByte(i) < 0) {
                return utf8(in.nioBuffer(start, end - start));
            }
        }
        return in.toString(start, end - start, StandardCharsets.US_ASCII);
    }

    private static String utf8(ByteBuffer octets) throws CharacterCodingException {
        CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
        return decoder.decode(octets).toString();
    }

    private static boolean isBlank(byte octet) {
        return octet == ' ' || octet == '\t';
    }

    private static boolean isControl(byte octet) {
        return octet >= 0 && octet < ' ' || octet == 0x7f;
    }
}
