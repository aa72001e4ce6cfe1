package org.posthorn.smtp.server;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DsnParametersTest {
    @ParameterizedTest
    @ValueSource(strings = {"a", "QQ314159", "+20", "+2B+3D", "a;b", "~!"})
    void anEnvelopeIdIsXtext(String value) {
        assertThat(DsnParameters.envid(value)).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a+", "a+2", "+2b", "+1F", "+7F", "+80", "a=b", "a b", "ä"})
    void anythingElseIsNoEnvelopeId(String value) {
        assertThat(DsnParameters.envid(value)).isNotNull();
    }

    @Test
    void lengthsAreBounded() {
        assertThat(DsnParameters.envid("x".repeat(100))).isNull();
        assertThat(DsnParameters.envid("x".repeat(101))).isNotNull();
        assertThat(DsnParameters.orcpt("rfc822;" + "x".repeat(493), false)).isNull();
        assertThat(DsnParameters.orcpt("rfc822;" + "x".repeat(494), false)).isNotNull();
    }

    @Test
    void anOriginalRecipientHasTypeAndAddress() {
        assertThat(DsnParameters.orcpt("rfc822;leo@example.org", false)).isNull();
        assertThat(DsnParameters.orcpt("X.400;x", false)).isNotNull();
        assertThat(DsnParameters.orcpt("utf-8;l\\x{F6}we@example.org", false)).isNull();
        assertThat(DsnParameters.orcpt("utf-8;löwe@example.org", true)).isNull();
        assertThat(DsnParameters.orcpt("utf-8;löwe@example.org", false)).isNotNull();
        assertThat(DsnParameters.orcpt("rfc822;löwe@example.org", true)).isNotNull();
        assertThat(DsnParameters.orcpt("rfc822;l+C3+B6we@example.org", true)).isNull();
        assertThat(DsnParameters.orcpt("rfc822;l+C3+B6we@example.org", false)).isNotNull();
        assertThat(DsnParameters.orcpt(";leo@example.org", false)).isNotNull();
        assertThat(DsnParameters.orcpt("rfc822;", false)).isNotNull();
    }

    @Property
    void whatIsWrittenAsXtextIsTaken(@ForAll("printable") String text) {
        StringBuilder xtext = new StringBuilder();
        for (char c : text.toCharArray()) {
            if (c == '+' || c == '=' || c == ' ') {
                xtext.append(String.format("+%02X", (int) c));
            } else {
                xtext.append(c);
            }
        }
        assertThat(DsnParameters.envid(xtext.toString())).isNull();
    }

    @Provide
    Arbitrary<String> printable() {
        return Arbitraries.strings().withCharRange(' ', '~').ofMinLength(1).ofMaxLength(33);
    }

    @Property
    void nothingMakesItThrow(@ForAll String value) {
        DsnParameters.ret(value);
        DsnParameters.envid(value);
        DsnParameters.notify(value);
        DsnParameters.orcpt(value, true);
        assertThat(DsnParameters.orcpt(value.replace(";", ""), true)).isNotNull();
    }
}
