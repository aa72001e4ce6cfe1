package org.posthorn.smtp.server;

import org.posthorn.api.mail.Domain;
import org.posthorn.api.mail.MessageId;
import org.posthorn.api.mail.Priority;
import org.posthorn.api.mail.ReversePath;
import org.posthorn.api.smtp.Reply;
import org.posthorn.smtp.server.Ruling.Refused;

import java.util.Collection;
import java.util.List;

/// What this server says, in its own words (RFC 5321 §4.2, RFC 3463).
final class Replies {
    static final Reply OK = Reply.of(250, "2.0.0", "Ok");
    static final Reply SENDER_OK = Reply.of(250, "2.1.0", "Sender ok");
    static final Reply PRIORITY_LOWERED =
            Reply.of(
                    250,
                    "2.3.6",
                    Priority.NORMAL
                            + " is the priority of this message: more needs authentication");
    static final Reply RECIPIENT_OK = Reply.of(250, "2.1.5", "Recipient ok");
    static final Reply START_CONTENT = Reply.plain(354, "End data with <CR><LF>.<CR><LF>");
    static final Reply EACH_RECIPIENT = Reply.plain(353, "One reply for each recipient follows");
    static final Reply BYE = Reply.of(221, "2.0.0", "Bye");
    static final Reply READY_FOR_TLS = Reply.of(220, "2.0.0", "Ready to start TLS");

    static final Reply UNKNOWN_COMMAND = Reply.of(500, "5.5.1", "Command not recognized");
    static final Reply EMPTY_COMMAND = Reply.of(500, "5.5.2", "A line without a command");
    static final Reply LINE_TOO_LONG = Reply.of(500, "5.5.2", "Command line too long");
    static final Reply BARE_BREAK =
            Reply.of(500, "5.5.2", "A command ends with CRLF; CR or LF alone is not allowed");
    static final Reply CONTROL_CHARACTER =
            Reply.of(500, "5.5.2", "A command has no control characters");
    static final Reply NOT_UTF8 = Reply.of(500, "5.5.2", "A command is ASCII or UTF-8");
    static final Reply NOT_IMPLEMENTED = Reply.of(502, "5.5.1", "Command not implemented");
    static final Reply NO_TLS = Reply.of(502, "5.5.1", "TLS is not offered here");
    static final Reply TLS_ALREADY = Reply.of(503, "5.5.1", "TLS is in use already");
    static final Reply PIPELINED_TLS =
            Reply.of(503, "5.5.1", "Nothing may follow STARTTLS before TLS begins");
    static final Reply HELLO_FIRST = Reply.of(503, "5.5.1", "Say EHLO or HELO first");
    static final Reply LHLO_FIRST = Reply.of(503, "5.5.1", "Say LHLO first");
    static final Reply MAIL_FIRST = Reply.of(503, "5.5.1", "MAIL comes first");
    static final Reply MAIL_ALREADY = Reply.of(503, "5.5.1", "MAIL was given already");
    static final Reply NOT_NOW = Reply.of(503, "5.5.1", "Not within a transaction");
    static final Reply NO_RECIPIENTS =
            Reply.of(503, "5.5.1", "RCPT comes first: no recipient is accepted yet");
    static final Reply BINARY_BY_DATA =
            Reply.of(503, "5.5.1", "BODY=BINARYMIME goes by BDAT alone");
    static final Reply CHUNKS_BEGUN =
            Reply.of(503, "5.5.1", "Only BDAT or RSET may follow the first BDAT");
    static final Reply UNCOUNTABLE =
            Reply.of(501, "5.5.4", "BDAT is followed by a size, and perhaps LAST; closing");
    static final Reply NO_ARGUMENT = Reply.of(501, "5.5.4", "This command takes no argument");
    static final Reply ARGUMENT_MISSING = Reply.of(501, "5.5.4", "This command needs an argument");
    static final Reply BAD_NODE =
            Reply.of(501, "5.5.4", "ETRN is followed by one domain, without options");
    static final Reply BAD_HELLO =
            Reply.of(501, "5.5.4", "Name yourself by one domain name or address literal");

    static final Reply AUTHENTICATED = Reply.of(235, "2.7.0", "Authentication successful");
    static final Reply AUTH_REQUIRED = Reply.of(530, "5.7.0", "Authentication required");
    static final Reply AUTH_ALREADY = Reply.of(503, "5.5.1", "Authenticated already");
    static final Reply NO_AUTH = Reply.of(502, "5.5.1", "Authentication is not offered here");
    static final Reply AUTH_NEEDS_TLS =
            Reply.of(538, "5.7.11", "Authentication needs TLS: STARTTLS comes first");
    static final Reply WEAK_MECHANISM =
            Reply.of(534, "5.7.9", "This mechanism is too weak for us: EHLO says what is not");
    static final Reply UNKNOWN_MECHANISM =
            Reply.of(504, "5.5.4", "This mechanism is not offered: EHLO says what is");
    static final Reply BAD_AUTH =
            Reply.of(501, "5.5.4", "AUTH has a mechanism, and perhaps one initial response");
    static final Reply NOT_BASE64 = Reply.of(501, "5.5.2", "A response is Base64");
    static final Reply NOTHING_EXPECTED =
            Reply.of(501, "5.5.2", "The exchange is over: an empty response was expected");
    static final Reply AUTH_CANCELLED = Reply.of(501, "5.7.0", "Authentication cancelled");
    static final Reply AUTH_LINE_TOO_LONG = Reply.of(500, "5.5.6", "A response is too long");
    static final Reply NOT_AUTHENTICATED =
            Reply.of(535, "5.7.8", "Authentication credentials invalid");
    static final Reply AUTH_UNAVAILABLE =
            Reply.of(454, "4.7.0", "Temporary authentication failure, try again later");
    static final Reply TOO_MANY_AUTH_FAILURES =
            Reply.of(421, "4.7.0", "Too many failed authentications, closing the connection");
    static final Reply FOREIGN_HEADER =
            Reply.of(550, "5.7.1", "From and Sender must be addresses of your account");

    static final Reply RELAY_DENIED = Reply.of(550, "5.7.1", "Relaying denied");
    static final Reply TOO_MANY_RECIPIENTS =
            Reply.of(452, "4.5.3", "Too many recipients, send the rest in another transaction");
    static final Reply TOO_BIG = Reply.of(552, "5.3.4", "Message too big");
    static final Reply HEADER_TOO_BIG = Reply.of(552, "5.3.4", "Header section too big");
    static final Reply CONTENT_BARE_BREAK =
            Reply.of(554, "5.6.0", "Lines end with CRLF; CR or LF alone is not allowed");
    static final Reply CONTENT_LINE_TOO_LONG = Reply.of(554, "5.6.0", "A line is too long");
    static final Reply LOOP = Reply.of(554, "5.4.6", "Too many hops: the message loops");
    static final Reply NEEDS_SMTPUTF8 =
            Reply.of(553, "5.6.7", "A non-ASCII address needs the SMTPUTF8 parameter");

    static final Reply LOCAL_ERROR =
            Reply.of(451, "4.3.0", "Local error in processing, try again later");
    static final Reply LOCAL_ERROR_CLOSING =
            Reply.of(421, "4.3.0", "Local error in processing, closing the connection");
    static final Reply LOCAL_REFUSAL = Reply.of(554, "5.3.0", "Refused by local policy");
    static final Reply TOO_MANY_ERRORS =
            Reply.of(421, "4.7.0", "Too many errors, closing the connection");
    static final Reply TOO_MANY_CONNECTIONS =
            Reply.of(421, "4.7.0", "Too many connections, try again later");
    static final Reply TOO_MANY_FROM_ADDRESS =
            Reply.of(421, "4.7.0", "Too many connections from your address, try again later");
    static final Reply TOO_MANY_FROM_NETWORK =
            Reply.of(421, "4.7.0", "Too many connections from your network, try again later");
    static final Reply CONNECTS_TOO_OFTEN =
            Reply.of(421, "4.7.0", "Your network connects too often, try again later");
    static final Reply SENDS_TOO_OFTEN =
            Reply.of(450, "4.7.1", "Your network sends too many messages, try again later");
    static final Reply ADDRESSES_TOO_OFTEN =
            Reply.of(450, "4.7.1", "Your network sends to too many recipients, try again later");
    static final Reply SHAKES_HANDS_TOO_OFTEN =
            Reply.of(454, "4.7.0", "Your network begins TLS too often, try again later");
    static final Reply ENOUGH_MESSAGES =
            Reply.of(421, "4.7.0", "Enough messages for one session, connect again");
    static final Reply TOO_MANY_UNKNOWN =
            Reply.of(421, "4.7.0", "Too many unknown commands, closing the connection");
    static final Reply MESSAGE_TOO_LONG_COMING =
            Reply.of(421, "4.4.2", "The message takes too long, closing the connection");
    static final Reply CONTENT_TOO_SLOW =
            Reply.of(421, "4.4.2", "Content comes too slowly, closing the connection");
    static final Reply NO_PROGRESS =
            Reply.of(421, "4.4.2", "Too long without a message, closing the connection");
    static final Reply NOT_TRUSTED =
            Reply.of(550, "5.7.0", "Only for peers that are trusted to speak for others");
    static final Reply IDLE = Reply.of(421, "4.4.2", "Silent for too long, closing the connection");
    static final Reply STOPPING = Reply.of(421, "4.3.2", "The server is stopping, try again later");

    private Replies() {}

    static Reply foreignSender(ReversePath sender) {
        return Reply.of(553, "5.7.1", "Your account may not send as " + sender);
    }

    static Reply badSender(String rule) {
        return Reply.of(501, "5.1.7", "Bad sender: " + rule);
    }

    static Reply badRecipient(String rule) {
        return Reply.of(501, "5.1.3", "Bad recipient: " + rule);
    }

    static Reply badAttribute(String rule) {
        return Reply.of(501, "5.5.4", "Bad attribute: " + rule);
    }

    static Reply badParameter(String rule) {
        return Reply.of(501, "5.5.4", "Bad parameter: " + rule);
    }

    static Reply tooSoon(long seconds) {
        return Reply.of(555, "5.5.4", "BY with R needs " + seconds + " seconds or more");
    }

    static Reply unknownParameter(String keyword) {
        return Reply.of(555, "5.5.4", "Parameter not supported: " + keyword);
    }

    /// A message that nobody is to get: to be tried again if that may change for somebody.
    static Reply refusedForAll(Collection<Refused> refused) {
        return refused.stream().anyMatch(it -> it.reply().isTransient())
                ? Reply.of(450, "4.5.0", "Refused for each recipient, for some only now")
                : Reply.of(550, "5.5.0", "Refused for each recipient");
    }

    /// RFC 1985 §5.3.
    static Reply started(int jobs, Domain node) {
        return jobs == 0
                ? Reply.of(251, "2.0.0", "Ok, no messages waiting for node " + node)
                : Reply.of(253, "2.0.0", "Ok, " + jobs + " pending messages for node " + node);
    }

    static Reply notStarted(Domain node) {
        return Reply.of(458, "4.3.0", "Unable to queue messages for node " + node);
    }

    static Reply received(long octets) {
        return Reply.of(250, "2.0.0", octets + " octets received");
    }

    static Reply queued(MessageId name) {
        return new Reply(250, OK.status(), List.of("Ok: queued as " + name));
    }
}
