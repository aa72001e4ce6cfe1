package org.posthorn.server.plugin;

import java.io.IOException;
import java.lang.module.FindException;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleFinder;
import java.lang.module.ModuleReader;
import java.lang.module.ModuleReference;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// Finds the modules in a plugin's jars, which may be older or newer than the server's of the same
/// name.
///
/// A jar without a module descriptor would be an automatic module, which reads everything, the
/// server's libraries too, and then clashes with them. So it is found as an explicit one that reads
/// the JDK and the API only; what it reads of its siblings is added when the layer exists.
final class PrivateModules implements ModuleFinder {
    /// What plugins share with the server: a copy beside a plugin is passed over.
    private static final Set<String> SHARED =
            Set.of("org.posthorn.api", "org.slf4j", "org.jspecify");

    private final Map<String, ModuleReference> found = new HashMap<>();
    private final Set<String> automatic = new HashSet<>();

    /// Reads the jars.
    ///
    /// @throws BrokenPluginException when one cannot be read, or two are the same module
    PrivateModules(List<Path> jars) throws BrokenPluginException {
        Map<String, Path> origins = new HashMap<>();
        Map<String, ModuleReference> read = new HashMap<>();
        for (Path jar : jars) {
            for (ModuleReference module : read(jar)) {
                String name = module.descriptor().name();
                Path other = origins.put(name, jar);
                if (other != null) {
                    throw new BrokenPluginException(
                            "%s and %s are both the module %s: remove one"
                                    .formatted(other.getFileName(), jar.getFileName(), name));
                }
                read.put(name, module);
            }
        }
        read.keySet().removeAll(SHARED);
        Set<String> services =
                read.values().stream()
                        .flatMap(module -> module.descriptor().provides().stream())
                        .map(ModuleDescriptor.Provides::service)
                        .collect(Collectors.toSet());
        read.forEach((name, module) -> found.put(name, explicit(module, services)));
    }

    private static Set<ModuleReference> read(Path jar) throws BrokenPluginException {
        try {
            return ModuleFinder.of(jar).findAll();
        } catch (FindException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new BrokenPluginException(
                    jar.getFileName() + " cannot be read as a jar: " + cause.getMessage(), e);
        }
    }

    private ModuleReference explicit(ModuleReference module, Set<String> services) {
        ModuleDescriptor old = module.descriptor();
        if (!old.isAutomatic()) {
            return module;
        }
        automatic.add(old.name());
        ModuleDescriptor.Builder made = ModuleDescriptor.newModule(old.name());
        readable().forEach(made::requires);
        old.packages().forEach(name -> made.exports(name).opens(name));
        old.provides().forEach(made::provides);
        services.forEach(made::uses);
        old.version().ifPresent(made::version);
        return new Explicit(made.build(), module);
    }

    private static Set<String> readable() {
        return ModuleLayer.boot().modules().stream()
                .map(Module::getName)
                .filter(PrivateModules::isGiven)
                .collect(Collectors.toSet());
    }

    /// Tells whether plugins may use a module of the server's layer: the JDK and the API.
    static boolean isGiven(String module) {
        return SHARED.contains(module) || module.startsWith("java.") || module.startsWith("jdk.");
    }

    /// Returns the modules that were automatic: they must be given their siblings to read.
    Set<String> automatic() {
        return automatic;
    }

    @Override
    public Optional<ModuleReference> find(String name) {
        return Optional.ofNullable(found.get(name));
    }

    @Override
    public Set<ModuleReference> findAll() {
        return Set.copyOf(found.values());
    }

    /// A module's content under another descriptor.
    private static final class Explicit extends ModuleReference {
        private final ModuleReference content;

        private Explicit(ModuleDescriptor descriptor, ModuleReference content) {
            super(descriptor, content.location().orElse(null));
            this.content = content;
        }

        @Override
        public ModuleReader open() throws IOException {
            return content.open();
        }
    }
}
