package org.posthorn.integration.peer;

import org.posthorn.integration.harness.Finished;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// A zone with keys of its own, signed by `ldns-signzone`.
///
/// @param text the zone file
/// @param anchor a file with the DS record of its key
public record SignedZone(String text, Path anchor) {

    /// Makes keys and signs a zone.
    public static SignedZone of(Zone zone, Path directory) throws IOException {
        String ksk = key(directory, "-k", "-a", "ECDSAP256SHA256", zone.origin() + ".");
        String zsk = key(directory, "-a", "ECDSAP256SHA256", zone.origin() + ".");
        Path plain = Files.writeString(directory.resolve("plain." + zone.origin()), zone.text());
        Path signed = directory.resolve("signed." + zone.origin());
        run(directory, "ldns-signzone", "-f", signed.toString(), plain.toString(), ksk, zsk);
        return new SignedZone(Files.readString(signed), directory.resolve(ksk + ".ds"));
    }

    /// Returns the same with a record that its signature does not fit.
    public SignedZone falsified(String before, String after) {
        return new SignedZone(text.replace(before, after), anchor);
    }

    private static String key(Path directory, String... arguments) {
        String[] command = new String[arguments.length + 1];
        command[0] = "ldns-keygen";
        System.arraycopy(arguments, 0, command, 1, arguments.length);
        return run(directory, command).output().strip();
    }

    private static Finished run(Path directory, String... command) {
        return Finished.run(directory, Map.of(), List.of(command), new byte[0]).succeeded();
    }
}
