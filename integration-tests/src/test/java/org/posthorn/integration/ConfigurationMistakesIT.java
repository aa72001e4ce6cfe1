package org.posthorn.integration;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.posthorn.integration.harness.Distribution;
import org.posthorn.integration.harness.Finished;
import org.posthorn.integration.harness.OpenDirectory;
import org.posthorn.integration.harness.Ports;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// A server with a mistake in its configuration does not start; it says what is wrong, and where.
class ConfigurationMistakesIT {
    private static final int PORT = Ports.free();
    private static final List<String> SOUND =
            List.of(
                    "hostname = \"mx.posthorn.test\"",
                    "data-directory = \"DIRECTORY/data\"",
                    "listeners { smtp { address = \"127.0.0.1\", port = " + PORT + " } }",
                    "message { max-size = 50MiB }",
                    "queue { lifetime = 5d }",
                    "routes = [ { domains = [\"*\"], to = \"hold\" } ]",
                    "jmx { address = \"127.0.0.1\", port = " + Ports.free() + " }",
                    "plugins = [ { use = relay-clients, networks = [\"127.0.0.0/8\"] } ]");

    @TempDir(factory = OpenDirectory.class)
    Path directory;

    /// Each line replaces the one of this number, counted from 1; it is named with what it says.
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\'',
            textBlock =
                    """
                    1 | hostnam = "mx.posthorn.test"                          | hostnam
                    1 | hostname = "not a host"                               | hostname
                    2 | data-directory = [ 1 ]                                | data-directory
                    3 | listeners { smtp { address = "nowhere", port = 2525 } } | listeners.smtp.address
                    3 | listeners { smtp { address = "127.0.0.1", port = 99999 } } | listeners.smtp.port
                    3 | listeners { smtp { address = "127.0.0.1" } }          | listeners.smtp.port
                    3 | listeners { smtp { address "127.0.0.1" } } | address
                    4 | message { max-size = huge }                           | message.max-size
                    4 | message { max-size = 1 }                              | message.max-size
                    4 | message { max-sise = 50MiB }                          | max-sise
                    5 | queue { lifetime = soon }                             | queue.lifetime
                    6 | routes = [ { domains = ["*"], to = "pigeon" } ]       | pigeon
                    6 | routes = [ { domains = [], to = "mx" } ]              | routes[0]
                    6 | routes = [ { to = "mx" } ]                            | routes[0].domains
                    7 | jmx { address = "127.0.0.1", port = "two" }           | jmx.port
                    8 | plugins = [ { use = relay-cleints } ]                 | relay-clients
                    8 | plugins = [ { use = relay-clients, networks = ["x"] } ] | plugins[0].networks
                    8 | plugins = [ { use = relay-clients, net = 1 } ]        | plugins[0].net
                    8 | plugins = [ { networks = ["127.0.0.0/8"] } ]          | plugins[0].use
                    8 | hostname = ${nowhere}                                 | nowhere
                    """)
    void aMistakeIsNamedWithItsPlaceAndNothingStarts(int number, String line, String named)
            throws IOException {
        Path file = write(number, line);
        String place = file + ":" + number;
        assertThat(posthorn("config", "check", file).failed().errors())
                .contains(place)
                .contains(named)
                .doesNotContain("Exception");
        assertThat(posthorn("serve", file).failed().errors()).contains(place).contains(named);
    }

    @Test
    void allMistakesAreToldAtOnce() throws IOException {
        Path file = write(1, "hostnam = 1");
        Files.writeString(
                file, Files.readString(file).replace("50MiB", "huge").replace("5d", "soon"));
        assertThat(posthorn("serve", file).failed().errors())
                .contains(file + ":1")
                .contains(file + ":4")
                .contains(file + ":5");
    }

    @Test
    void aMissingFileIsNamed() {
        Path file = directory.resolve("absent.conf");
        assertThat(posthorn("serve", file).failed().errors()).contains(file.toString());
    }

    @Test
    void aMissingCertificateIsNamed() throws IOException {
        Path file =
                write(4, "tls { certificate = \"/absent/cert.pem\", key = \"/absent/key.pem\" }");
        assertThat(posthorn("serve", file).failed().errors()).contains("/absent/cert.pem");
    }

    @Test
    void aPortThatIsTakenIsNamed() throws IOException {
        try (var taken = new ServerSocket(PORT)) {
            assertThat(taken.isBound()).isTrue();
            assertThat(posthorn("serve", write(5, "")).failed().errors())
                    .contains(Integer.toString(PORT));
        }
    }

    @Test
    void aSoundConfigurationIsSound() throws IOException {
        posthorn("config", "check", write(4, "")).succeeded();
    }

    private Path write(int number, String line) throws IOException {
        var lines = new ArrayList<>(SOUND);
        lines.set(number - 1, line);
        String text = String.join("\n", lines).replace("DIRECTORY", directory.toString());
        return Files.writeString(directory.resolve("posthorn.conf"), text + "\n");
    }

    private Finished posthorn(String verb, String subverb, Path file) {
        return run(List.of(verb, subverb, "--config", file.toString()));
    }

    private Finished posthorn(String verb, Path file) {
        return run(List.of(verb, "--config", file.toString()));
    }

    private Finished run(List<String> arguments) {
        var command = new ArrayList<>(List.of(Distribution.packed().command().toString()));
        command.addAll(arguments);
        return Finished.run(directory, Map.of(), command, new byte[0]);
    }
}
