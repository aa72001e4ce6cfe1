package org.posthorn.server.log;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class UnsafeTextTest {
    @Test
    void showsWhatWouldTurnTextAroundOrBreakALine() {
        assertThat(UnsafeText.escaped("<a\u202egro.elpmaxe@b>\u2028\n\u200f"))
                .isEqualTo("<a\\u202egro.elpmaxe@b>\\u2028\\u000a\\u200f");
    }

    @Test
    void leavesTheTextOfPeopleAlone() {
        assertThat(UnsafeText.escaped("r\u00e9n\u00e9@\u4f8b\u3048.jp said: 250 \"ok\" \\"))
                .isEqualTo("r\u00e9n\u00e9@\u4f8b\u3048.jp said: 250 \"ok\" \\");
    }
}
