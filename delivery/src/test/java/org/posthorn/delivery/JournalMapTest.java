package org.posthorn.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;

class JournalMapTest {
    @TempDir private Path directory;

    private Path file() {
        return directory.resolve("deeper/entries");
    }

    @Test
    void knowsAfterARestartWhatItKnewBefore() throws IOException {
        try (JournalMap map = JournalMap.open(file(), 10)) {
            map.put("a.example", "1");
            map.put("b.example", "2");
            map.put("a.example", "3");
            assertThat(map.remove("b.example")).isTrue();
            assertThat(map.remove("b.example")).isFalse();
            map.put("c.example", "4");
        }
        for (JournalMap map : List.of(JournalMap.look(file(), 10), JournalMap.open(file(), 10))) {
            assertThat(map.all())
                    .containsExactly(Map.entry("c.example", "4"), Map.entry("a.example", "3"));
            map.close();
        }
    }

    @Test
    void dropsTheLineThatACrashCutOffAndWhatIsNone() throws IOException {
        JournalMap.open(file(), 10).close();
        Files.writeString(file(), "a.example\t1\nnonsense\n\tx\nb.example\t2");
        try (JournalMap map = JournalMap.open(file(), 10)) {
            map.put("c.example", "3");
        }
        assertThat(JournalMap.look(file(), 10).all())
                .containsExactly(Map.entry("c.example", "3"), Map.entry("a.example", "1"));
    }

    @Test
    void forgetsWhatWasNotPutForLongestBeyondItsBound() throws IOException {
        try (JournalMap map = JournalMap.open(file(), 2)) {
            map.put("a.example", "1");
            map.put("b.example", "2");
            map.put("a.example", "3");
            map.put("c.example", "4");
            assertThat(map.find("b.example")).isEmpty();
            assertThat(map.find("a.example")).contains("3");
        }
    }

    @Test
    void doesNotGrowWithoutBound() throws IOException {
        try (JournalMap map = JournalMap.open(file(), 10)) {
            for (int i = 0; i < 10_000; i++) {
                map.put("a.example", Integer.toString(i));
            }
        }
        assertThat(Files.size(file())).isLessThan(20_000);
        assertThat(JournalMap.look(file(), 10).find("a.example")).contains("9999");
    }

    @Test
    void goesOnInMemoryWhereItsDirectoryIsGone() throws IOException {
        try (JournalMap map = JournalMap.open(file(), 1)) {
            Files.delete(file());
            Files.delete(file().getParent());
            for (int i = 0; i < 2_000; i++) {
                map.put("a.example", Integer.toString(i));
            }
            assertThat(map.find("a.example")).contains("1999");
        }
    }

    @Test
    void namesTheFileThatCannotBeUsed() throws IOException {
        Files.createDirectories(file());
        assertThatThrownBy(() -> JournalMap.open(file(), 1))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(file().toString());
    }

    @Property(tries = 50)
    void noFileIsTooStrange(@ForAll byte[] octets) throws IOException {
        Path file = Files.createTempFile("journal", "");
        try {
            Files.write(file, octets, StandardOpenOption.TRUNCATE_EXISTING);
            assertThat(JournalMap.look(file, 10).all()).hasSizeLessThanOrEqualTo(10);
        } finally {
            Files.delete(file);
        }
    }
}
