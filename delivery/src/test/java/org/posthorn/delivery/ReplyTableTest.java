package org.posthorn.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.posthorn.api.delivery.ReplyClass;
import org.posthorn.api.smtp.EnhancedStatus;
import org.posthorn.api.smtp.Reply;
import org.posthorn.queue.RetryRule;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

class ReplyTableTest {
    private static final Path PAGE = Path.of("../docs/replies.md");
    private static final Optional<String> US = Optional.empty();
    private static final Optional<String> SERVER = Optional.of("mx.example.org");

    private static Reply reply(String text) {
        String[] parts = text.split(" ", 3);
        Optional<EnhancedStatus> status = EnhancedStatus.parse(parts[1]);
        String words = status.isPresent() ? parts[2] : text.substring(4);
        return new Reply(Integer.parseInt(parts[0]), status, List.of(words));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "unknown-user | 550 5.1.1 <leo@example.net>: Recipient address rejected: User unknown",
                "unknown-user | 550 No such user here",
                "unknown-user | 550 5.1.1 unknown",
                "disabled-user | 550 5.2.1 The email account is disabled",
                "disabled-user | 554 This account has been suspended",
                "mailbox-full | 452 4.2.2 Mailbox full",
                "mailbox-full | 552 5.2.2 Over quota",
                "mailbox-full | 450 The mailbox of leo is over quota",
                "unknown-domain | 554 5.7.1 Relay access denied",
                "size | 552 5.3.4 Message too big",
                "size | 552 Message size exceeds fixed maximum message size",
                "content | 554 5.7.1 Message identified as spam",
                "content | 550 5.6.0 Broken",
                "sender-authentication | 550 5.7.1 SPF check failed for example.net",
                "sender-authentication | 550 5.7.26 Unauthenticated email is not accepted",
                "reputation | 554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org",
                "reputation | 550 Your address is on our block list",
                "policy | 550 5.7.1 Not here",
                "rate-limit | 421 4.7.0 Too many connections from your IP",
                "rate-limit | 450 4.7.1 Fine, but later",
                "rate-limit | 452 4.5.3 That is all I take",
                "greylisted | 450 4.2.0 Greylisted, see you",
                "greylisted | 451 4.7.1 Please try again later (graylisting)",
                "busy | 451 4.3.2 Out of paper",
                "busy | 421 Closing",
                "protocol | 501 5.5.4 Syntax",
                "tls | 530 5.7.0 Must issue a STARTTLS command first",
                "login | 535 5.7.8 Who are you?",
                "dns | 450 4.4.3 Domain of sender not found",
                "other | 550 No",
                "other | 450 No",
                "other | 571 No"
            })
    void findsWhatServersMean(String kind, String text) {
        assertThat(ReplyTable.STANDARD.of(reply(text), SERVER)).hasToString(kind);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "connection | 421 4.4.1 mx refused the connection (connecting)",
                "connection | 421 4.4.2 mx did not answer in time (RCPT)",
                "rate-limit | 421 4.3.2 mx refused to talk to us: 421 4.7.0 Too many connections",
                "reputation | 421 4.3.2 mx refused to talk to us: 554 Your address is on our block list",
                "busy | 421 4.3.2 mx refused to talk to us: 554 No",
                "protocol | 421 4.5.0 mx broke the protocol: expected that a reply answers a command",
                "dns | 451 4.4.3 The DNS does not answer about example.org",
                "unknown-domain | 550 5.1.2 The domain example.org does not exist",
                "unknown-domain | 556 5.1.10 The domain example.org takes no mail (null MX)",
                "routing | 550 5.4.6 Mail for example.org loops back to this server",
                "tls | 454 4.7.10 Not sent: the server does not offer TLS",
                "tls | 421 4.7.5 mx broke off TLS",
                "login | 454 4.7.11 Not sent: no TLS, so nobody logs in at this server",
                "local | 451 4.3.0 Local error in processing",
                "local | 451 4.3.5 No route for example.org: add one",
                "expired | 554 5.4.7 Not delivered in the time that mail is tried"
            })
    void findsWhatWeMean(String kind, String text) {
        assertThat(ReplyTable.STANDARD.of(reply(text), US)).hasToString(kind);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "rate-limit | gmail-smtp-in.l.google.com | 421 4.7.28 Gmail has detected an unusual rate",
                "rate-limit | aspmx.l.google.com | 450 4.2.1 The user is receiving email too quickly",
                "disabled-user | aspmx.l.google.com | 550 5.2.1 The email account is inactive",
                "reputation | mta5.am0.yahoodns.net | 421 4.7.0 [TSS04] Messages temporarily deferred",
                "rate-limit | org.mail.protection.outlook.com | 451 4.7.500 Server busy",
                "reputation | eur.olc.protection.outlook.com | 550 5.7.1 Unfortunately, messages from [192.0.2.1] weren't sent (S3150).",
                "reputation | mx01.mail.icloud.com | 554 5.7.1 [CS01] Message rejected due to local policy",
                "reputation | mx00.t-online.de | 554 IP=192.0.2.1 - A problem occurred. Ask your postmaster for help"
            })
    void knowsWhatProvidersMeanByTheirCodes(String kind, String host, String text) {
        assertThat(ReplyTable.STANDARD.of(reply(text), Optional.of(host))).hasToString(kind);
    }

    @Test
    void aProviderIsKnownByItsHostsOnly() {
        Reply code = reply("421 4.2.0 [TSS04] Later");
        assertThat(ReplyTable.STANDARD.of(code, Optional.of("MTA5.am0.YahooDNS.net")))
                .isEqualTo(ReplyClass.REPUTATION);
        assertThat(ReplyTable.STANDARD.of(code, SERVER)).isEqualTo(ReplyClass.BUSY);
    }

    @Test
    void aReplyWithoutEndIsNotLookedAtForEver() {
        ReplyTable hard = ReplyTable.parse("policy any ... * (x+x+)+y\nbusy any ... *");
        assertThat(hard.of(reply("450 4.2.1 " + "x".repeat(900)), SERVER))
                .isEqualTo(ReplyClass.BUSY);
    }

    @Test
    void aRowThatIsNoneIsNamed() {
        assertThatThrownBy(() -> ReplyTable.parse("busy any 4.."))
                .hasMessage("class, by, code and status expected: busy any 4..");
    }

    @ParameterizedTest
    @EnumSource
    void theDocumentHasEachClass(ReplyClass kind) throws IOException {
        assertThat(Files.readString(PAGE)).contains("\n| `" + kind + "` | ");
    }

    /// What is final is never tried again.
    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "EXPIRED")
    void eachClassCanHaveRetryTimes(ReplyClass kind) {
        assertThat(Arrays.stream(RetryRule.Failure.values()).map(Enum::name)).contains(kind.name());
    }
}
