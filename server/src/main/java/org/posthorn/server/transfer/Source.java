package org.posthorn.server.transfer;

import static org.posthorn.server.log.UnsafeText.escaped;

import org.jspecify.annotations.Nullable;
import org.posthorn.api.mail.Content;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Where messages to be imported are. Names are never used as paths of anything.
sealed interface Source {
    /// An envelope in JSON, or content. A directory's entries may begin with `./`.
    Pattern NAME = Pattern.compile("(?:\\./)?([0-9A-Za-z][0-9A-Za-z._-]{0,90})\\.(json|eml)");

    /// Takes what is found.
    interface Taker {
        /// Takes what belongs together.
        ///
        /// @param name what both are called, for people
        void take(String name, Content envelope, Content content) throws IOException;

        /// Hears of what is not a message.
        void refuse(String what);
    }

    /// Finds what is at a path: a directory, an archive, or one of the two files of a message.
    ///
    /// @throws IOException when there is nothing of the kind
    static Source at(Path path) throws IOException {
        Path directory = Objects.requireNonNullElse(path.toAbsolutePath().getParent(), path);
        Matcher name = NAME.matcher(String.valueOf(path.getFileName()));
        if (Files.isDirectory(path)) {
            return new Directory(path, "*");
        }
        if (!Files.isRegularFile(path)) {
            throw new IOException(
                    (Files.exists(path) ? "not a file or directory: " : "there is no ") + path);
        }
        if (!Files.isReadable(path)) {
            throw new IOException("the server may not read " + path);
        }
        if (path.toString().endsWith(Sink.ARCHIVE)) {
            return new Archive(path.toRealPath());
        }
        if (name.matches()) {
            return new Directory(directory, name.group(1));
        }
        throw new IOException(
                "expected a directory, an archive that ends with .tar, or the .json file of a message,"
                        + " not "
                        + path);
    }

    /// Shows all messages, one after the other.
    ///
    /// @throws IOException when no more can be found, or the taker throws it
    void each(Taker taker) throws IOException;

    /// A directory.
    ///
    /// @param path of it
    /// @param which what the files are called that are meant; `*` for all
    record Directory(Path path, String which) implements Source {
        @Override
        public void each(Taker taker) throws IOException {
            try (DirectoryStream<Path> files =
                    Files.newDirectoryStream(path, which + ".{json,eml}")) {
                for (Path file : files) {
                    Matcher name = NAME.matcher(String.valueOf(file.getFileName()));
                    if (!name.matches()) {
                        taker.refuse(escaped(file.toString()) + ": not a name of a message");
                    } else if (name.group(2).equals("json")) {
                        take(file, file.resolveSibling(name.group(1) + ".eml"), taker);
                    } else if (!Files.exists(file.resolveSibling(name.group(1) + ".json"))) {
                        taker.refuse(file + ": there is no .json of the same name beside it");
                    }
                }
            } catch (DirectoryIteratorException e) {
                throw e.getCause();
            }
        }

        private static void take(Path envelope, Path content, Taker taker) throws IOException {
            if (!isFile(content)) {
                taker.refuse(
                        envelope + ": there is no file " + content.getFileName() + " beside it");
            } else if (!isFile(envelope)) {
                taker.refuse(envelope + ": not a file");
            } else {
                taker.take(envelope.toString(), whole(envelope), whole(content));
            }
        }

        private static boolean isFile(Path path) {
            return Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS);
        }

        private static Content whole(Path file) throws IOException {
            return new FileSection(file, 0, Files.size(file));
        }
    }

    /// A tar archive, in which a message's two files stand side by side.
    ///
    /// @param file of it
    record Archive(Path file) implements Source {
        @Override
        public void each(Taker taker) throws IOException {
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
                TarReader tar = new TarReader(channel);
                TarReader.@Nullable Entry one = null;
                for (var next = file(tar, taker); next.isPresent(); next = file(tar, taker)) {
                    TarReader.Entry other = next.get();
                    if (one != null && belong(one, other)) {
                        boolean first = one.name().endsWith(".json");
                        taker.take(
                                other.name(),
                                section(first ? one : other),
                                section(first ? other : one));
                        one = null;
                    } else {
                        alone(one, taker);
                        one = other;
                    }
                }
                alone(one, taker);
            }
        }

        /// Returns the next entry that may be part of a message.
        private static Optional<TarReader.Entry> file(TarReader tar, Taker taker)
                throws IOException {
            Optional<TarReader.Entry> entry = tar.next();
            while (entry.isPresent()
                    && !(entry.get().isFile() && NAME.matcher(entry.get().name()).matches())) {
                if (!entry.get().isDirectory()) {
                    taker.refuse(
                            "entry %s: expected a file called ID.json or ID.eml"
                                    .formatted(escaped(entry.get().name())));
                }
                entry = tar.next();
            }
            return entry;
        }

        private static void alone(TarReader.@Nullable Entry entry, Taker taker) {
            if (entry != null) {
                boolean json = entry.name().endsWith(".json");
                taker.refuse(
                        "entry %s: expected its %s beside it"
                                .formatted(entry.name(), json ? ".eml" : ".json"));
            }
        }

        private static boolean belong(TarReader.Entry one, TarReader.Entry other) {
            String name = stem(one.name());
            return name.equals(stem(other.name())) && !one.name().equals(other.name());
        }

        private static String stem(String name) {
            return name.substring(0, name.lastIndexOf('.'));
        }

        private Content section(TarReader.Entry entry) {
            return new FileSection(file, entry.offset(), entry.size());
        }
    }
}
