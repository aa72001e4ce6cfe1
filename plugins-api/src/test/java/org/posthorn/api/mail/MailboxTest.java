package org.posthorn.api.mail;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.StringLength;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MailboxTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "mona@example.org",
                "mona.lisa+tag@mail.example.org",
                "!#$%&'*+-/=?^_`{|}~@example.org",
                "\"mona lisa\"@example.org",
                "\"a@b\"@example.org",
                "\"a\\\"b\\\\c\"@example.org",
                "mona@[192.0.2.1]",
                "mona@[IPv6:2001:db8:0:0:0:0:0:1]",
                "jörg@bücher.example",
                "mona@localhost",
                "mona@_srv.example"
            })
    void readsEveryFormAndWritesItBack(String text) {
        assertThat(Mailbox.parse(text)).hasToString(text);
    }

    @ParameterizedTest
    @CsvSource({
        "'\"mona\"@example.org', mona@example.org",
        "'\"mo\\na\"@Example.ORG', mona@example.org",
        "Mona@EXAMPLE.org, Mona@example.org"
    })
    void dropsNeedlessQuotesAndFoldsTheDomainOnly(String text, String canonical) {
        assertThat(Mailbox.parse(text)).hasToString(canonical);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "mona",
                "@example.org",
                "mona@",
                "mona@.example",
                "mona@example..org",
                "mona@example.org.",
                ".mona@example.org",
                "mona.@example.org",
                "mo..na@example.org",
                "mona lisa@example.org",
                "\"mona@example.org",
                "\"mona\"example.org",
                "\"mona\"",
                "mona@-example.org",
                "mona@example-.org",
                "mona@exa mple.org",
                "mona@[192.0.2.300]",
                "mona@[192.0.2.1",
                "mona@[IPv6:zz]",
                "mona@[fe80::1%lo]",
                "mona@[example.org]",
                "\"\"@example.org",
                "\"a\u0000b\"@example.org",
                "\u0085@example.org",
                "mona@exa\u0001mple.org"
            })
    void refusesWhatIsNoMailbox(String text) {
        assertThatThrownBy(() -> Mailbox.parse(text)).isInstanceOf(MailSyntaxException.class);
    }

    @Test
    void boundsTheLocalPartAt64OctetsAndALabelAt63() {
        assertThat(Mailbox.parse("a".repeat(64) + "@example.org").localPart()).hasSize(64);
        assertThatThrownBy(() -> Mailbox.parse("a".repeat(65) + "@example.org"))
                .hasMessageContaining("64 octets");
        assertThatThrownBy(() -> Mailbox.parse("é".repeat(33) + "@example.org"))
                .hasMessageContaining("64 octets");
        assertThatThrownBy(() -> Mailbox.parse("mona@" + "a".repeat(64) + ".org"))
                .hasMessageContaining("63 octets");
        assertThatThrownBy(() -> Mailbox.parse("mona@" + "a.".repeat(128) + "org"))
                .hasMessageContaining("255 octets");
    }

    @Test
    void tellsWhoseLocalPartNeedsSmtpUtf8() {
        assertThat(Mailbox.parse("jörg@example.org").needsSmtpUtf8()).isTrue();
        assertThat(Mailbox.parse("joerg@bücher.example").needsSmtpUtf8()).isFalse();
    }

    @Test
    void writesDomainsAsALabelsForPeersWithoutSmtpUtf8() {
        assertThat(Mailbox.parse("joerg@bücher.example").ascii())
                .isEqualTo("joerg@xn--bcher-kva.example");
    }

    @Test
    void knowsThePostmasterInAnyCase() {
        assertThat(Mailbox.parse("PostMaster@example.org").isPostmaster()).isTrue();
        assertThat(Mailbox.parse("postmaster2@example.org").isPostmaster()).isFalse();
    }

    @Property
    void readsBackWhateverLocalPartItWrites(
            @ForAll @StringLength(min = 1, max = 40) @CharRange(from = ' ', to = '~')
                    String local) {
        Mailbox mailbox = new Mailbox(local, Domain.name("example.org"));
        assertThat(Mailbox.parse(mailbox.toString())).isEqualTo(mailbox);
    }

    @Property
    void answersAnyTextWithAMailboxOrASyntaxError(@ForAll @StringLength(max = 80) String text) {
        try {
            Mailbox read = Mailbox.parse(text);
            assertThat(Mailbox.parse(read.toString())).isEqualTo(read);
        } catch (MailSyntaxException expected) {
            assertThat(expected).message().isNotEmpty();
        }
    }
}
