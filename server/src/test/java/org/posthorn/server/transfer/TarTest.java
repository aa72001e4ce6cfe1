package org.posthorn.server.transfer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import static java.nio.charset.StandardCharsets.US_ASCII;

import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.lifecycle.AfterTry;
import net.jqwik.api.lifecycle.BeforeTry;

import org.posthorn.api.mail.Content;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/// Archives as we write them, as `tar` does, and as somebody means harm.
class TarTest {
    private static final Instant WHEN = Instant.parse("2026-01-01T12:00:00Z");

    private Path directory = Path.of("");

    @BeforeTry
    void make() throws IOException {
        directory = Files.createTempDirectory("tar");
    }

    @AfterTry
    void remove() throws IOException {
        try (Stream<Path> all = Files.walk(directory)) {
            for (Path it : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(it);
            }
        }
    }

    private Path archive(List<byte[]> files) throws IOException {
        Path archive = directory.resolve("a.tar");
        try (FileChannel to =
                FileChannel.open(archive, StandardOpenOption.WRITE, StandardOpenOption.CREATE)) {
            TarWriter tar = new TarWriter(to);
            for (int i = 0; i < files.size(); i++) {
                byte[] octets = files.get(i);
                tar.file("f" + i, octets.length, WHEN, new ByteArrayInputStream(octets));
            }
            tar.finish();
        }
        return archive;
    }

    private static List<TarReader.Entry> entries(Path archive) throws IOException {
        List<TarReader.Entry> entries = new ArrayList<>();
        try (FileChannel from = FileChannel.open(archive)) {
            TarReader tar = new TarReader(from);
            for (var it = tar.next(); it.isPresent(); it = tar.next()) {
                entries.add(it.get());
            }
        }
        return entries;
    }

    private static byte[] octets(Path archive, TarReader.Entry entry) throws IOException {
        try (InputStream in = new FileSection(archive, entry.offset(), entry.size()).open()) {
            return in.readAllBytes();
        }
    }

    private String tar(String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of("tar"));
        command.addAll(List.of(arguments));
        Process tar =
                new ProcessBuilder(command)
                        .directory(directory.toFile())
                        .redirectErrorStream(true)
                        .start();
        String said = new String(tar.getInputStream().readAllBytes(), US_ASCII);
        assertThat(tar.waitFor()).as(said).isZero();
        return said;
    }

    @Property(tries = 100)
    void whatIsWrittenIsRead(@ForAll @Size(max = 5) List<byte[]> files) throws IOException {
        Path archive = archive(files);
        List<TarReader.Entry> entries = entries(archive);
        assertThat(entries).hasSameSizeAs(files);
        for (int i = 0; i < files.size(); i++) {
            assertThat(entries.get(i).name()).isEqualTo("f" + i);
            assertThat(octets(archive, entries.get(i))).isEqualTo(files.get(i));
        }
    }

    @Example
    void tarReadsWhatWeWrite() throws Exception {
        archive(List.of(new byte[0], new byte[512], "hello".getBytes(US_ASCII)));
        assertThat(tar("-tvf", "a.tar"))
                .hasLineCount(3)
                .contains("-rw------- 0/0", " 512 ", " f1\n");
        tar("-xf", "a.tar");
        assertThat(directory.resolve("f2")).hasContent("hello");
        assertThat(directory.resolve("f1")).hasSize(512);
    }

    @Property(tries = 3)
    void weReadWhatTarWrites(@ForAll @IntRange(max = 2) int form) throws Exception {
        String format = List.of("ustar", "pax", "gnu").get(form);
        Files.writeString(directory.resolve("a.eml"), "hello");
        Files.write(directory.resolve("b.eml"), new byte[1025]);
        Path elsewhere = Files.createTempFile("other", ".tar");
        tar("--format=" + format, "--sort=name", "-cf", elsewhere.toString(), ".");
        List<TarReader.Entry> entries = entries(elsewhere);
        assertThat(entries).extracting(TarReader.Entry::name).contains("./a.eml", "./b.eml");
        assertThat(entries.getFirst().isDirectory()).isTrue();
        assertThat(octets(elsewhere, entries.get(1))).asString().isEqualTo("hello");
        assertThat(entries.get(2).size()).isEqualTo(1025);
        Files.delete(elsewhere);
    }

    @Property(tries = 300)
    void damageEndsWithFilesOrAnException(
            @ForAll byte damage, @ForAll @IntRange(max = 4000) int place) throws IOException {
        Path archive = archive(List.of(new byte[700], new byte[3]));
        byte[] octets = Files.readAllBytes(archive);
        octets[place % octets.length] = damage;
        Files.write(archive, octets);
        try {
            assertThat(entries(archive))
                    .allSatisfy(it -> assertThat(it.offset() + it.size()).isBetween(0L, 4000L));
        } catch (IOException e) {
            assertThat(e).hasMessageStartingWith("the archive ");
        }
    }

    @Property(tries = 100)
    void anArchiveThatWasCutIsSaidToBe(@ForAll @IntRange(max = 3071) int size) throws IOException {
        Path archive = archive(List.of(new byte[700], new byte[3]));
        Files.write(archive, Arrays.copyOf(Files.readAllBytes(archive), size));
        assertThatThrownBy(() -> entries(archive)).hasMessageContaining("it was cut");
    }

    /// A header that says what we never would.
    private static byte[] header(String name, String size, char kind) {
        ByteBuffer header = ByteBuffer.allocate(TarWriter.BLOCK);
        header.put(0, name.getBytes(US_ASCII));
        header.put(124, size.getBytes(US_ASCII)).put(156, (byte) kind);
        header.put(TarWriter.MAGIC_AT, TarWriter.MAGIC);
        String sum = "%06o\0 ".formatted(TarWriter.checksum(header.array()));
        header.put(TarWriter.CHECKSUM, sum.getBytes(US_ASCII));
        return header.array();
    }

    private static byte[] block(String text) {
        return Arrays.copyOf(text.getBytes(US_ASCII), TarWriter.BLOCK);
    }

    private Path bad(byte[]... blocks) throws IOException {
        ByteBuffer octets = ByteBuffer.allocate((blocks.length + 3) * TarWriter.BLOCK);
        Stream.of(blocks).forEach(octets::put);
        return Files.write(directory.resolve("bad.tar"), octets.array());
    }

    @Example
    void sizesThatCannotBeAreRefused() throws IOException {
        Path huge = bad(header("a.eml", "77777777777", '0'));
        assertThatThrownBy(() -> entries(huge))
                .hasMessage("the archive ends within a.eml, of 8589934591 octets: it was cut");
        Path negative = bad(header("a.eml", "-1", '0'));
        assertThatThrownBy(() -> entries(negative))
                .hasMessage("the archive is damaged at octet 0: expected a number of octets");
        byte[] file = header("a.eml", "0", '0');
        String largest = "28 size=9223372036854775807\n";
        Path pax = bad(header("x", "34", 'x'), block(largest), file);
        assertThatThrownBy(() -> entries(pax))
                .hasMessageStartingWith("the archive ends within a.eml, of 92233720368547758");
        Path less = bad(header("x", "12", 'x'), block("10 size=-1"), file);
        assertThatThrownBy(() -> entries(less)).hasMessageContaining("expected a number");
        Path facts = bad(header("x", "00777777777", 'x'), file);
        assertThatThrownBy(() -> entries(facts)).hasMessageContaining("it was cut");
    }

    private static List<String> refused(Path archive) throws IOException {
        List<String> refused = new ArrayList<>();
        Source.at(archive)
                .each(
                        new Source.Taker() {
                            @Override
                            public void take(String name, Content envelope, Content content) {
                                refused.add("TAKEN " + name);
                            }

                            @Override
                            public void refuse(String what) {
                                refused.add(what);
                            }
                        });
        return refused;
    }

    @Example
    void namesThatLeadElsewhereAndWhatIsNoFileAreRefused() throws IOException {
        for (String name :
                List.of("../Zz012345.eml", "/etc/passwd", "a/b.json", ".json", "x\u0001.eml")) {
            assertThat(refused(bad(header(name, "0", '0'))))
                    .singleElement()
                    .asString()
                    .startsWith("entry ")
                    .endsWith(": expected a file called ID.json or ID.eml");
        }
        assertThat(refused(bad(header("Zz012345.eml", "0", '2')))).hasSize(1);
        assertThat(refused(bad(header("Zz012345.eml", "0", '0'))))
                .containsExactly("entry Zz012345.eml: expected its .json beside it");
    }

    @Example
    void anEmptyArchiveIsReadAsNothing() throws IOException {
        assertThat(entries(archive(List.of()))).isEmpty();
    }
}
