package org.posthorn.api.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class ByteSizeTest {

    @Test
    void isWrittenInTheLargestUnitThatKeepsItWhole() {
        assertThat(ByteSize.ofMebibytes(50)).hasToString("50MiB");
        assertThat(new ByteSize(1536)).hasToString("1536B");
        assertThat(new ByteSize(0)).hasToString("0B");
    }

    @Test
    void isNeverNegative() {
        assertThatThrownBy(() -> new ByteSize(-1)).isInstanceOf(IllegalArgumentException.class);
    }
}
