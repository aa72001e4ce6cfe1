package org.posthorn.api.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.posthorn.api.smtp.Reply;

class VerdictTest {

    @Test
    void aRefusalIsAFailure() {
        assertThat(Verdict.reject(550, "5.7.1", "Listed"))
                .isEqualTo(Verdict.reject(Reply.of(550, "5.7.1", "Listed")));
        assertThatThrownBy(() -> Verdict.reject(250, "2.0.0", "Ok"))
                .hasMessageContaining("4xx or 5xx");
        assertThatThrownBy(() -> new Verdict.RejectAndClose(Reply.plain(220, "hello")))
                .hasMessageContaining("4xx or 5xx");
    }

    @Test
    void aDeferralIsTransient() {
        assertThatThrownBy(() -> new Verdict.DeferIfPermit(Reply.of(550, "5.7.1", "no")))
                .hasMessageContaining("4xx");
        assertThatThrownBy(() -> new Verdict.DeferIfReject(Reply.of(550, "5.7.1", "no")))
                .hasMessageContaining("4xx");
    }
}
