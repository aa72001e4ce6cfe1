package org.posthorn.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.List;
import java.util.Optional;

/// RFC 8461 §3.1.
class StsRecordTest {
    private static Optional<String> id(String... texts) {
        return StsRecord.of(List.of(texts)).map(StsRecord::id);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "v=STSv1; id=20160831085700Z;",
                "v=STSv1;id=20160831085700Z",
                "v=STSv1 ;\tid=20160831085700Z ; other=x y;"
            })
    void readsTheId(String text) {
        assertThat(id(text)).contains("20160831085700Z");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "v=STSv1",
                "v=STSv1;",
                "v=STSv1; id=;",
                "v=STSv1; id=a-b;",
                "v=STSv1; id=123456789012345678901234567890123;",
                "v=STSv1; id=1; id=2;",
                "v=STSv2; id=1;",
                "V=STSv1; id=1;",
                " v=STSv1; id=1;",
                "id=1; v=STSv1;"
            })
    void takesNothingElseForARecord(String text) {
        assertThat(id(text)).isEmpty();
    }

    @Test
    void passesOverOtherTextsButNotOverASecondRecord() {
        assertThat(id("v=spf1 -all", "v=STSv1; id=1;")).contains("1");
        assertThat(id("v=STSv1; id=1;", "v=STSv1; id=1;")).isEmpty();
        assertThat(id()).isEmpty();
    }

    @Property(tries = 300)
    void noTextIsTooStrange(@ForAll String text, @ForAll List<String> others) {
        StsRecord.of(others);
        assertThat(id("v=STSv1;" + text).orElse("none")).matches("[A-Za-z0-9]{1,32}");
    }
}
