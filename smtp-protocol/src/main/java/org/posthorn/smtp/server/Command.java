package org.posthorn.smtp.server;

import org.posthorn.api.mail.Parameters;
import org.posthorn.api.mail.ReversePath;
import org.posthorn.api.smtp.Reply;

import java.util.Optional;

/// What an SMTP client asked for: already parsed, never raw text (RFC 5321 §4.1.1).
sealed interface Command {

    record Ehlo(String name) implements Command {}

    record Helo(String name) implements Command {}

    /// RFC 2033 §4.1.
    record Lhlo(String name) implements Command {}

    record Mail(ReversePath from, Parameters parameters) implements Command {}

    record Rcpt(ForwardPath to, Parameters parameters) implements Command {}

    record Data() implements Command {}

    /// RFC 3030 §2.
    ///
    /// @param size the octets that follow the command
    /// @param last whether the content ends with them
    record Bdat(long size, boolean last) implements Command {}

    /// A `BDAT` whose octets cannot be counted: where the next command begins, nobody knows.
    record Uncountable() implements Command {}

    record Rset() implements Command {}

    record Noop() implements Command {}

    record Quit() implements Command {}

    record Vrfy(String argument) implements Command {}

    record Expn(String argument) implements Command {}

    record Help() implements Command {}

    /// RFC 1985 §5.
    record Etrn(String node) implements Command {}

    record StartTls() implements Command {}

    /// Who the client is (RFC 4954 §4).
    ///
    /// @param mechanism in upper case
    /// @param initial the initial response as it was sent
    record Auth(String mechanism, Optional<String> initial) implements Command {
        /// Returns the mechanism alone: responses do not belong into logs.
        @Override
        public String toString() {
            return "AUTH " + mechanism;
        }
    }

    /// For whom a trusted peer speaks.
    record Xclient(ClientAttributes attributes) implements Command {}

    /// From whom a trusted peer has the next message.
    record Xforward(ClientAttributes attributes) implements Command {}

    /// A verb that nobody knows.
    record Unknown(String verb) implements Command {}

    /// What is no command, or a command whose arguments break its syntax.
    ///
    /// @param verb the verb, or empty text when not even that is clear
    /// @param reply what it earns
    record Malformed(String verb, Reply reply) implements Command {}

    /// Returns the verb, for the mail log.
    static String verb(Command command) {
        return switch (command) {
            case Ehlo _ -> "EHLO";
            case Helo _ -> "HELO";
            case Lhlo _ -> "LHLO";
            case Mail _ -> "MAIL";
            case Rcpt _ -> "RCPT";
            case Data _ -> "DATA";
            case Bdat _, Uncountable _ -> "BDAT";
            case Rset _ -> "RSET";
            case Noop _ -> "NOOP";
            case Quit _ -> "QUIT";
            case Vrfy _ -> "VRFY";
            case Expn _ -> "EXPN";
            case Help _ -> "HELP";
            case Etrn _ -> "ETRN";
            case StartTls _ -> "STARTTLS";
            case Auth _ -> "AUTH";
            case Xclient _ -> "XCLIENT";
            case Xforward _ -> "XFORWARD";
            case Unknown(String verb) -> verb;
            case Malformed(String verb, Reply _) -> verb;
        };
    }

    /// Returns the path or name that the command is about, for the mail log.
    static String argument(Command command) {
        return switch (command) {
            case Ehlo(String name) -> name;
            case Helo(String name) -> name;
            case Lhlo(String name) -> name;
            case Mail mail -> mail.from().toString();
            case Rcpt rcpt -> rcpt.to().toString();
            case Auth(String mechanism, _) -> mechanism;
            case Vrfy(String argument) -> argument;
            case Expn(String argument) -> argument;
            case Etrn(String node) -> node;
            case Data _,
                    Bdat _,
                    Uncountable _,
                    Rset _,
                    Noop _,
                    Quit _,
                    Help _,
                    StartTls _,
                    Xclient _,
                    Xforward _,
                    Unknown _,
                    Malformed _ ->
                    "";
        };
    }
}
