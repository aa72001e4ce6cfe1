package org.posthorn.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import org.junit.jupiter.api.Test;
import org.posthorn.api.mail.HeaderField;
import org.posthorn.api.mail.Parameters;
import org.posthorn.api.mail.Recipient;
import org.posthorn.api.mail.ReversePath;
import org.posthorn.api.plugin.Hooks;
import org.posthorn.api.plugin.Message;
import org.posthorn.api.plugin.Session;
import org.posthorn.api.plugin.SessionHooks;
import org.posthorn.api.plugin.Transaction;
import org.posthorn.api.plugin.Verdict;

class SessionsTest {
    private static final Verdict NO = Verdict.reject(550, "5.7.1", "No");

    @Test
    void givesTheVerdictOfEachHook() {
        var session = Sessions.of(new Picky()).from("192.0.2.1");
        assertThat(session.connect()).isEqualTo(Verdict.NO_OPINION);
        assertThat(session.mail("evil@example.org")).isEqualTo(NO);
        assertThat(session.reply()).containsExactly("550 5.7.1 No");
        assertThat(session.mail("mona@example.org", "SIZE=10")).isEqualTo(Verdict.NO_OPINION);
        assertThat(session.rcpt("leo@example.org")).isEqualTo(Verdict.NO_OPINION);
        assertThat(session.message("Subject: hi\n\n.dot\n")).isEqualTo(Verdict.NO_OPINION);
        assertThat(session.messages()).hasSize(1);
        assertThat(session.messages().getLast().text())
                .endsWith("X-From: 192.0.2.1\r\nSubject: hi\r\n\r\n.dot\r\n");
    }

    @Test
    void throwsWhatAHookThrows() {
        var session = Sessions.of(new Picky()).from("2001:db8::1");
        session.mail("");
        assertThatIllegalStateException()
                .isThrownBy(() -> session.rcpt("crash@example.org"))
                .withMessage("crash");
    }

    private static final class Picky implements Hooks {
        @Override
        public SessionHooks join(Session session) {
            return new SessionHooks() {
                @Override
                public Verdict mail(
                        Transaction transaction, ReversePath sender, Parameters parameters) {
                    return sender.toString().startsWith("<evil") ? NO : Verdict.NO_OPINION;
                }

                @Override
                public Verdict rcpt(Transaction transaction, Recipient recipient) {
                    if (recipient.mailbox().localPart().equals("crash")) {
                        throw new IllegalStateException("crash");
                    }
                    return Verdict.NO_OPINION;
                }

                @Override
                public Verdict message(Transaction transaction, Message message) {
                    String client = session.client().getAddress().getHostAddress();
                    transaction.addHeader(new HeaderField("X-From", client));
                    return Verdict.NO_OPINION;
                }
            };
        }
    }
}
