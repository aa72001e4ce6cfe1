package org.posthorn.smtp.sasl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.AlphaChars;
import net.jqwik.api.constraints.NotEmpty;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.ByteBuffer;
import java.util.Optional;

class SaslMessagesTest {

    @Test
    void plainHasNamesAndAPassword() throws SaslSyntaxException {
        assertThat(PlainMessage.parse(SaslText.octetsOf("\0tim\0tanstaaftanstaaf")))
                .isEqualTo(new PlainMessage(Optional.empty(), "tim", "tanstaaftanstaaf"));
        assertThat(PlainMessage.parse(SaslText.octetsOf("Ursel\0Kurt\0xipj3plmq")))
                .isEqualTo(new PlainMessage(Optional.of("Ursel"), "Kurt", "xipj3plmq"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "tim",
                "tim\0secret",
                "\0\0secret",
                "\0tim\0",
                "\0tim\0sec\0ret",
                "\0tim\0secret\0"
            })
    void refusesPlainWithAnyPartTooFewOrTooMany(String message) {
        assertThatExceptionOfType(SaslSyntaxException.class)
                .isThrownBy(() -> PlainMessage.parse(SaslText.octetsOf(message)));
    }

    @Test
    void refusesPlainThatIsNotUtf8() {
        assertThatExceptionOfType(SaslSyntaxException.class)
                .isThrownBy(() -> PlainMessage.parse(ByteBuffer.wrap(new byte[] {0, 'a', 0, -1})));
    }

    @Test
    void keepsPasswordsAndTokensOutOfLogs() {
        assertThat(new PlainMessage(Optional.empty(), "tim", "secret").toString())
                .doesNotContain("secret");
        assertThat(new BearerMessage(Optional.empty(), "secret").toString())
                .doesNotContain("secret");
    }

    @Test
    void bearerTokensComeInBothForms() throws SaslSyntaxException {
        String standard =
                "n,a=user@example.com,\u0001host=server.example.com\u0001port=587\u0001"
                        + "auth=Bearer vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==\u0001\u0001";
        String old = "user=user@example.com\u0001auth=Bearer vF9dft4qmTc2\u0001\u0001";
        assertThat(BearerMessage.parse(SaslText.octetsOf(standard)))
                .isEqualTo(
                        new BearerMessage(
                                Optional.of("user@example.com"),
                                "vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg=="));
        assertThat(BearerMessage.parseXoauth2(SaslText.octetsOf(old)))
                .isEqualTo(new BearerMessage(Optional.of("user@example.com"), "vF9dft4qmTc2"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "n,,",
                "n,,\u0001\u0001",
                "n,,\u0001auth=Bearer\u0001\u0001",
                "n,,\u0001auth=Bearer \u0001\u0001",
                "n,,\u0001auth=Basic abc\u0001\u0001",
                "n,,\u0001auth=Bearer abc\u0001",
                "n,,\u0001auth=Bearer abc",
                "n,,\u0001auth=Bearer a c\u0001\u0001",
                "n,,\u0001auth=Bearer abc\u0001\u0001more",
                "n,,\u0001auth=Bearer a\u0001auth=Bearer b\u0001\u0001",
                "n,,\u0001pair\u0001auth=Bearer a\u0001\u0001",
                "n,,x\u0001auth=Bearer a\u0001\u0001",
                "x,,\u0001auth=Bearer a\u0001\u0001"
            })
    void refusesABearerMessageThatIsNone(String message) {
        assertThatExceptionOfType(SaslSyntaxException.class)
                .isThrownBy(() -> BearerMessage.parse(SaslText.octetsOf(message)));
    }

    @Property
    void whatIsWrittenIsRead(
            @ForAll @NotEmpty @AlphaChars String name, @ForAll @NotEmpty @AlphaChars String secret)
            throws SaslSyntaxException {
        PlainMessage plain = new PlainMessage(Optional.of(name), name, secret);
        BearerMessage bearer = new BearerMessage(Optional.of(name), secret);
        assertThat(PlainMessage.parse(plain.octets())).isEqualTo(plain);
        assertThat(BearerMessage.parse(bearer.octets())).isEqualTo(bearer);
        assertThat(BearerMessage.parseXoauth2(bearer.xoauth2())).isEqualTo(bearer);
    }

    @Property
    void whateverComesIsAMessageOrRefused(@ForAll byte[] octets, @ForAll String text) {
        ByteBuffer any = ByteBuffer.wrap(octets);
        assertThat(reads(() -> PlainMessage.parse(any).name())).isNotNull();
        assertThat(reads(() -> BearerMessage.parse(any).token())).isNotNull();
        assertThat(reads(() -> BearerMessage.parseXoauth2(any).token())).isNotNull();
        ByteBuffer likely = SaslText.octetsOf("n,,\u0001auth=Bearer " + text + "\u0001\u0001");
        assertThat(reads(() -> BearerMessage.parse(likely).token())).isNotNull();
    }

    private interface Reading {
        String read() throws SaslSyntaxException;
    }

    private static String reads(Reading reading) {
        try {
            return reading.read();
        } catch (SaslSyntaxException e) {
            return e.getMessage();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "YWE=, true",
        "'', true",
        "YWF=, false",
        "YWE, false",
        "Y WE=, false",
        "YW=E, false",
        "'YWE=\n', false",
        "=, false",
        "====, false",
        "YW_-, false"
    })
    void base64IsStrict(String text, boolean fine) {
        assertThat(SaslText.octets(text).isPresent()).isEqualTo(fine);
    }

    @Property
    void base64IsReadInOneWayOnly(@ForAll byte[] octets, @ForAll String text) {
        assertThat(SaslText.octets(SaslText.base64(octets)).orElseThrow()).isEqualTo(octets);
        SaslText.octets(text).ifPresent(read -> assertThat(SaslText.base64(read)).isEqualTo(text));
    }

    /// The examples of RFC 4013 §3.
    @ParameterizedTest
    @CsvSource({"I\u00adX, IX", "user, user", "USER, USER", "ª, a", "Ⅸ, IX"})
    void preparesNamesAsTheStandardDoes(String text, String prepared) {
        assertThat(SaslPrep.query(text)).contains(prepared);
        assertThat(SaslPrep.stored(text)).contains(prepared);
    }

    @ParameterizedTest
    @ValueSource(strings = {"\u0007", "\u0627\u0031", "", "\u00ad"})
    void refusesWhatMustNotBeInAName(String text) {
        assertThat(SaslPrep.query(text)).isEmpty();
    }

    @Property
    void preparesOrRefusesAnything(@ForAll String text) {
        SaslPrep.query(text).ifPresent(it -> assertThat(it).isNotEmpty());
        SaslPrep.stored(text).ifPresent(it -> assertThat(it).isNotEmpty());
    }
}
