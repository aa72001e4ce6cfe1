package org.posthorn.plugin.relayclients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.posthorn.api.config.Help;
import org.posthorn.api.mail.Mailbox;
import org.posthorn.api.mail.Recipient;
import org.posthorn.api.net.Network;
import org.posthorn.api.plugin.Hooks;
import org.posthorn.api.plugin.Verdict;
import org.posthorn.testkit.Connection;

import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

class RelayClientsPluginTest {
    private static final Recipient ANYBODY = Recipient.of(Mailbox.parse("leo@elsewhere.example"));

    private final RelayClientsPlugin plugin = new RelayClientsPlugin();
    private final Hooks hooks =
            plugin.start(
                    new RelayClientsSettings(
                            List.of(
                                    Network.parse("192.0.2.0/25"),
                                    Network.parse("198.51.100.7"),
                                    Network.parse("2001:db8::/32"))),
                    null);

    @ParameterizedTest
    @ValueSource(strings = {"192.0.2.0", "192.0.2.127", "198.51.100.7", "2001:db8:1::9"})
    void vouchesForWhateverATrustedClientNames(String client) {
        assertThat(verdictFor(client)).isEqualTo(Verdict.ACCEPT);
    }

    @ParameterizedTest
    @ValueSource(strings = {"192.0.2.128", "198.51.100.8", "127.0.0.1", "2001:db9::1", "::1"})
    void hasNoOpinionOnOtherClients(String client) {
        assertThat(verdictFor(client)).isEqualTo(Verdict.NO_OPINION);
    }

    @Test
    void isAskedOnTheEventLoopSinceItOnlyCompares() {
        assertThat(hooks.mayBlock()).isFalse();
    }

    @Test
    void isCalledRelayClients() {
        assertThat(plugin.name()).isEqualTo("relay-clients");
        assertThat(plugin.settings()).isEqualTo(RelayClientsSettings.class);
    }

    @Test
    void refusesSettingsWithoutANetwork() {
        List<Network> none = List.of();
        assertThatThrownBy(() -> new RelayClientsSettings(none))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("networks: name at least one network");
    }

    @Test
    void everySettingIsExplainedOnItsPage() throws IOException {
        String page = Files.readString(Path.of("../../docs/plugins/relay-clients.md"));
        for (RecordComponent setting : RelayClientsSettings.class.getRecordComponents()) {
            assertThat(page)
                    .contains("| `" + setting.getName() + "` | ")
                    .contains(" | " + setting.getAnnotation(Help.class).value() + " |\n");
        }
    }

    private Verdict verdictFor(String client) {
        return hooks.join(Connection.from(client)).rcpt(null, ANYBODY);
    }
}
