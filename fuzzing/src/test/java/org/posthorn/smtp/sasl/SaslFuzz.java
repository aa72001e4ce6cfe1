package org.posthorn.smtp.sasl;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.function.Function;

/// What clients say of who they are: refused by its syntax or understood, and what was understood
/// can be said again.
class SaslFuzz {

    /// Reads one form of message.
    private interface Form<T> {
        T parse(ByteBuffer octets) throws SaslSyntaxException;
    }

    @FuzzTest(maxDuration = "8s")
    void messages(byte[] octets) {
        survives(octets, PlainMessage::parse, PlainMessage::octets);
        survives(octets, BearerMessage::parse, BearerMessage::octets);
        survives(octets, BearerMessage::parseXoauth2, BearerMessage::xoauth2);
        survives(octets, ScramMessage.ClientFirst::parse, said -> text(said.text()));
        survives(octets, ScramMessage.ClientFinal::parse, said -> text(said.text()));
        survives(octets, ScramMessage.ServerFirst::parse, said -> text(said.text()));
        understood(octets, ScramMessage.ServerFinal::parse);
        SaslPrep.stored(new String(octets, StandardCharsets.UTF_8))
                .ifPresent(prepared -> assertThat(SaslPrep.stored(prepared)).contains(prepared));
    }

    private static ByteBuffer text(String text) {
        return SaslText.octetsOf(text);
    }

    private static <T> void survives(byte[] octets, Form<T> form, Function<T, ByteBuffer> writing) {
        T said = understood(octets, form);
        if (said != null) {
            ByteBuffer again = writing.apply(said);
            byte[] copy = new byte[again.remaining()];
            again.get(copy);
            assertThat(understood(copy, form)).isEqualTo(said);
        }
    }

    /// Returns what octets mean, or nothing when they break the syntax.
    private static <T> T understood(byte[] octets, Form<T> form) {
        try {
            return form.parse(ByteBuffer.wrap(octets));
        } catch (SaslSyntaxException e) {
            return null;
        }
    }
}
