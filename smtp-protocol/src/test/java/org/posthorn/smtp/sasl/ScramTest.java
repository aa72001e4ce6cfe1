package org.posthorn.smtp.sasl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.NotEmpty;
import net.jqwik.api.constraints.Size;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.posthorn.api.auth.ScramHash;
import org.posthorn.api.auth.ScramRecord;
import org.posthorn.smtp.sasl.ScramMessage.ClientFinal;
import org.posthorn.smtp.sasl.ScramMessage.ClientFirst;
import org.posthorn.smtp.sasl.ScramMessage.ServerFinal;
import org.posthorn.smtp.sasl.ScramMessage.ServerFirst;

import java.nio.ByteBuffer;
import java.util.Optional;

class ScramTest {

    /// The conversations of RFC 5802 §5 and RFC 7677 §3.
    @ParameterizedTest
    @CsvSource(
            delimiter = ' ',
            value = {
                "SHA_1 n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL"
                        + " r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096"
                        + " c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts="
                        + " v=rmF9pqV8S7suAoZWja4dJRkFsKQ=",
                "SHA_256 n,,n=user,r=rOprNGfwEbeRWgbNEkqO"
                        + " r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"
                        + " c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="
                        + " v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="
            })
    void agreesWithTheExamplesOfTheStandards(
            ScramHash hash, String first, String challenge, String last, String signature)
            throws SaslSyntaxException {
        ClientFirst client = ClientFirst.parse(SaslText.octetsOf(first));
        ServerFirst server = ServerFirst.parse(SaslText.octetsOf(challenge));
        ClientFinal proof = ClientFinal.parse(SaslText.octetsOf(last));
        ScramRecord record = Scram.record(hash, "pencil", server.salt(), server.iterations());
        String conversation = Scram.conversation(client, server, proof.withoutProof());

        assertThat(client.name()).isEqualTo("user");
        assertThat(Scram.verifies(record, "pencil")).isTrue();
        assertThat(Scram.verifies(record, "pencils")).isFalse();
        assertThat(Scram.verifies(record, conversation, proof.proof())).isTrue();
        assertThat(Scram.verifies(record, conversation + " ", proof.proof())).isFalse();
        assertThat(Scram.clientProof(hash, "pencil", server, conversation))
                .isEqualTo(proof.proof());
        assertThat(new ServerFinal(Scram.serverSignature(record, conversation)).text())
                .isEqualTo(signature);
    }

    @Test
    void aProofOfAnotherLengthIsNone() {
        ScramRecord record =
                Scram.record(ScramHash.SHA_256, "pencil", ByteBuffer.wrap(new byte[16]), 4096);
        assertThat(Scram.verifies(record, "", ByteBuffer.allocate(0))).isFalse();
        assertThat(Scram.verifies(record, "", ByteBuffer.allocate(20))).isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ' ',
            value = {
                "n,,n=a=2Cb=3Dc,r=x a,b=c",
                "y,a=mona,n=mona,r=x mona",
                "p=tls-exporter,,n=é,r=x é"
            })
    void readsNamesAsTheyAreWritten(String message, String name) throws SaslSyntaxException {
        ClientFirst first = ClientFirst.parse(SaslText.octetsOf(message));
        assertThat(first.name()).isEqualTo(name);
        assertThat(first.text()).isEqualTo(message);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "n=user,r=x",
                "x,,n=user,r=x",
                "p=,,n=user,r=x",
                "n,a=,n=user,r=x",
                "n,,n=,r=x",
                "n,,n=user,r=",
                "n,,m=ext,n=user,r=x",
                "n,,n=us=er,r=x",
                "n,,n=us=2cer,r=x",
                "n,,n=user,r=a b",
                "n,,n=us\0er,r=x"
            })
    void refusesAFirstMessageThatIsNone(String message) {
        assertThatExceptionOfType(SaslSyntaxException.class)
                .isThrownBy(() -> ClientFirst.parse(SaslText.octetsOf(message)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "c=biws,r=x",
                "c=biws,p=YWE=",
                "c=bi ws,r=x,p=YWE=",
                "c=biw,r=x,p=YWE=",
                "c=biws,r=x,p=YW==E",
                "c=biws,r=x,p=YWE=,x=y",
                "m=x,c=biws,r=x,p=YWE="
            })
    void refusesAFinalMessageThatIsNone(String message) {
        assertThatExceptionOfType(SaslSyntaxException.class)
                .isThrownBy(() -> ClientFinal.parse(SaslText.octetsOf(message)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "r=x,s=,i=4096",
                "r=x,s=YWE=,i=0",
                "r=x,s=YWE=,i=10000001",
                "r=x,s=YWE=,i=99999999999",
                "m=x,r=x,s=YWE=,i=4096"
            })
    void refusesAChallengeThatIsNoneOrCostsTooMuch(String message) {
        assertThatExceptionOfType(SaslSyntaxException.class)
                .isThrownBy(() -> ServerFirst.parse(SaslText.octetsOf(message)));
    }

    @Test
    void aServerThatSaysThatItFailedHasNotProvedItself() {
        assertThatExceptionOfType(SaslSyntaxException.class)
                .isThrownBy(() -> ServerFinal.parse(SaslText.octetsOf("e=invalid-proof")));
    }

    @Property
    void everyNameSurvives(@ForAll @NotEmpty String name) throws SaslSyntaxException {
        String text = name.replaceAll("[\\x00\\ud800-\\udfff]", "x");
        ClientFirst first =
                ClientFirst.of(
                        new Gs2Header(Gs2Header.Binding.NONE, Optional.of(text)), text, "nonce");
        assertThat(ClientFirst.parse(first.octets())).isEqualTo(first);
    }

    @Property
    void everyChallengeSurvives(
            @ForAll @Size(min = 1, max = 64) byte[] salt,
            @ForAll @IntRange(min = 1, max = 10_000_000) int iterations)
            throws SaslSyntaxException {
        ServerFirst first = ServerFirst.of("nonce", ByteBuffer.wrap(salt), iterations);
        assertThat(ServerFirst.parse(first.octets())).isEqualTo(first);
    }

    @Property
    void whateverComesIsAMessageOrRefused(@ForAll byte[] octets) {
        assertThat(read(ByteBuffer.wrap(octets))).isBetween(0, 4);
    }

    @Property
    void whateverStandsBehindAHeaderIsAMessageOrRefused(@ForAll String text) {
        assertThat(read(SaslText.octetsOf("n,,n=user,r=" + text))).isBetween(0, 4);
        assertThat(read(SaslText.octetsOf("c=biws,r=" + text))).isBetween(0, 4);
        assertThat(read(SaslText.octetsOf("r=x,s=" + text))).isBetween(0, 4);
    }

    private static int read(ByteBuffer octets) {
        return parses(() -> ClientFirst.parse(octets))
                + parses(() -> ServerFirst.parse(octets))
                + parses(() -> ClientFinal.parse(octets))
                + parses(() -> ServerFinal.parse(octets));
    }

    private interface Parser {
        ScramMessage parse() throws SaslSyntaxException;
    }

    private static int parses(Parser parser) {
        try {
            assertThat(parser.parse().text()).isNotEmpty();
            return 1;
        } catch (SaslSyntaxException e) {
            return 0;
        }
    }
}
