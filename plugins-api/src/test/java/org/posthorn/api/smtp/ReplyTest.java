package org.posthorn.api.smtp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.Optional;

class ReplyTest {

    @Test
    void standsOnOneLineInLogs() {
        assertThat(Reply.of(550, "5.7.1", "Relaying denied"))
                .hasToString("550 5.7.1 Relaying denied");
        assertThat(new Reply(220, Optional.empty(), List.of("mx", "ready")))
                .hasToString("220 mx ready");
    }

    @Test
    void aStatusIsOfTheKindOfItsCode() {
        assertThatThrownBy(() -> Reply.of(550, "4.7.1", "no"))
                .hasMessageContaining("does not go with code 550");
    }

    @Test
    void textCannotBreakOutOfItsLine() {
        assertThatThrownBy(() -> Reply.of(550, "5.7.1", "no\r\n250 yes"))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void knowsSuccessFromFailure() {
        assertThat(Reply.of(250, "2.0.0", "Ok").isSuccess()).isTrue();
        assertThat(Reply.of(451, "4.3.0", "Later").isTransient()).isTrue();
        assertThat(Reply.of(550, "5.0.0", "No").isPermanent()).isTrue();
    }

    @Test
    void readsEnhancedStatusCodesAndNothingElse() {
        assertThat(EnhancedStatus.parse("4.3.1")).contains(new EnhancedStatus(4, 3, 1));
        assertThat(EnhancedStatus.parse("3.0.0")).isEmpty();
        assertThat(EnhancedStatus.parse("5.7")).isEmpty();
        assertThat(EnhancedStatus.parse("5.7.1000")).isEmpty();
    }
}
