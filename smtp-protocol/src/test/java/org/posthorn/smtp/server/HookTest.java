package org.posthorn.smtp.server;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.posthorn.api.mail.Recipient;
import org.posthorn.api.plugin.CloseReason;
import org.posthorn.api.plugin.SessionHooks;
import org.posthorn.api.plugin.Transaction;
import org.posthorn.api.plugin.Verdict;

class HookTest {
    @Test
    void knowsWhichHooksAClassOverrides() {
        assertThat(Hook.overridden(new SessionHooks() {})).isZero();
        assertThat(Hook.overridden(new Some())).isEqualTo(Hook.RCPT.bit() | Hook.CLOSE.bit());
    }

    @Test
    void hasAMethodForEachHook() {
        for (Hook hook : Hook.values()) {
            assertThat(SessionHooks.class.getMethods())
                    .anyMatch(method -> method.getName().equals(hook.method()));
        }
    }

    private static final class Some implements SessionHooks {
        @Override
        public Verdict rcpt(Transaction transaction, Recipient recipient) {
            return Verdict.NO_OPINION;
        }

        @Override
        public void close(CloseReason reason) {}
    }
}
