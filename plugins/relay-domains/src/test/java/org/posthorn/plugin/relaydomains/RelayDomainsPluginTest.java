package org.posthorn.plugin.relaydomains;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.posthorn.api.config.Help;
import org.posthorn.api.mail.Mailbox;
import org.posthorn.api.mail.Recipient;
import org.posthorn.api.plugin.Hooks;
import org.posthorn.api.plugin.Verdict;

import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

class RelayDomainsPluginTest {
    private final RelayDomainsPlugin plugin = new RelayDomainsPlugin();
    private final Hooks hooks =
            plugin.start(
                    new RelayDomainsSettings(
                            List.of(
                                    "example.org",
                                    ".sub.example",
                                    "bücher.example",
                                    "[192.0.2.1]")),
                    null);

    @ParameterizedTest
    @ValueSource(
            strings = {
                "leo@example.org",
                "leo@EXAMPLE.org",
                "postmaster@example.org",
                "\"le o\"@example.org",
                "leo@one.sub.example",
                "leo@two.one.sub.example",
                "leo@bücher.example",
                "leo@xn--bcher-kva.example",
                "leo@[192.0.2.1]"
            })
    void vouchesForRecipientsInItsDomains(String recipient) {
        assertThat(verdictOn(recipient)).isEqualTo(Verdict.ACCEPT);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "leo@elsewhere.example",
                "leo@sub.example.org",
                "leo@sub.example",
                "leo@notsub.example",
                "leo@org",
                "leo@example.org.evil.example",
                "leo%example.org@elsewhere.example",
                "leo@[192.0.2.2]",
                "leo@[IPv6:2001:db8::1]"
            })
    void hasNoOpinionOnOthers(String recipient) {
        assertThat(verdictOn(recipient)).isEqualTo(Verdict.NO_OPINION);
    }

    @Test
    void isAskedOnTheEventLoopSinceItOnlyCompares() {
        assertThat(hooks.mayBlock()).isFalse();
    }

    @Test
    void isCalledRelayDomains() {
        assertThat(plugin.name()).isEqualTo("relay-domains");
        assertThat(plugin.settings()).isEqualTo(RelayDomainsSettings.class);
    }

    @Test
    void refusesSettingsWithoutADomain() {
        List<String> none = List.of();
        assertThatThrownBy(() -> new RelayDomainsSettings(none))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("domains: name at least one domain");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".", "..example.org", "*", "*.example.org", "a b", "[192.0.2]"})
    void refusesWhatIsNoDomain(String text) {
        List<String> wrong = List.of("example.org", text);
        assertThatThrownBy(() -> new RelayDomainsSettings(wrong))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("domains: '" + text + "' is not a domain such as");
    }

    @Test
    void everySettingIsExplainedOnItsPage() throws IOException {
        String page = Files.readString(Path.of("../../docs/plugins/relay-domains.md"));
        for (RecordComponent setting : RelayDomainsSettings.class.getRecordComponents()) {
            assertThat(page)
                    .contains("| `" + setting.getName() + "` | ")
                    .contains(" | " + setting.getAnnotation(Help.class).value() + " |\n");
        }
    }

    private Verdict verdictOn(String recipient) {
        return hooks.join(null).rcpt(null, Recipient.of(Mailbox.parse(recipient)));
    }
}
