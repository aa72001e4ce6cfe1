package org.posthorn.server.plugin;

import org.posthorn.api.plugin.Plugin;

import java.io.IOException;
import java.lang.module.Configuration;
import java.lang.module.FindException;
import java.lang.module.ModuleFinder;
import java.lang.module.ResolutionException;
import java.lang.module.ResolvedModule;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// One directory below `plugins/`: its jars, loaded as one module layer above the server's.
///
/// @param path the directory
/// @param plugins what its modules provide, at least one
record PluginDirectory(Path path, List<Plugin<?>> plugins) {

    /// Loads a directory.
    ///
    /// @throws BrokenPluginException when its jars do not make a plugin; the message names the file
    static PluginDirectory load(Path path) throws BrokenPluginException {
        PrivateModules modules = new PrivateModules(jars(path));
        ModuleLayer layer = layer(modules);
        List<Plugin<?>> plugins = plugins(layer);
        if (plugins.isEmpty()) {
            throw new BrokenPluginException(
                    "no jar provides " + Plugin.class.getName() + ", by module-info or META-INF");
        }
        return new PluginDirectory(path, plugins);
    }

    private static List<Path> jars(Path path) throws BrokenPluginException {
        try (Stream<Path> files = Files.list(path)) {
            return files.filter(file -> file.toString().endsWith(".jar")).sorted().toList();
        } catch (IOException e) {
            throw new BrokenPluginException("the directory cannot be read: " + e, e);
        }
    }

    private static ModuleLayer layer(PrivateModules modules) throws BrokenPluginException {
        ModuleLayer boot = ModuleLayer.boot();
        Set<String> names =
                modules.findAll().stream()
                        .map(module -> module.descriptor().name())
                        .collect(Collectors.toSet());
        try {
            Configuration resolved =
                    Configuration.resolve(
                            modules, List.of(boot.configuration()), ModuleFinder.of(), names);
            refuseServerInternals(resolved);
            ModuleLayer.Controller controller =
                    ModuleLayer.defineModulesWithOneLoader(
                            resolved, List.of(boot), ClassLoader.getPlatformClassLoader());
            open(controller, modules.automatic());
            return controller.layer();
        } catch (FindException | ResolutionException | LayerInstantiationException e) {
            throw new BrokenPluginException(
                    "its modules do not fit together: " + e.getMessage(), e);
        }
    }

    /// A plugin is built against the API alone: then it also runs with the next release.
    private static void refuseServerInternals(Configuration resolved) throws BrokenPluginException {
        for (ResolvedModule module : resolved.modules()) {
            for (ResolvedModule read : module.reads()) {
                if (!read.configuration().equals(resolved)
                        && !PrivateModules.isGiven(read.name())) {
                    throw new BrokenPluginException(
                            "module %s requires %s, which plugins are not given: put its jar here"
                                    .formatted(module.name(), read.name()));
                }
            }
        }
    }

    /// Lets siblings that have no descriptor see each other, and settings be read into records.
    private static void open(ModuleLayer.Controller controller, Set<String> automatic) {
        Module server = PluginDirectory.class.getModule();
        for (Module module : controller.layer().modules()) {
            module.getPackages().forEach(name -> controller.addOpens(module, name, server));
            if (automatic.contains(module.getName())) {
                controller.layer().modules().forEach(other -> controller.addReads(module, other));
            }
        }
    }

    /// Providers of the layers below are the server's own, if any.
    @SuppressWarnings("rawtypes") // a class literal has no type arguments
    private static List<Plugin<?>> plugins(ModuleLayer layer) throws BrokenPluginException {
        try {
            return ServiceLoader.load(layer, Plugin.class).stream()
                    .filter(provider -> layer.equals(provider.type().getModule().getLayer()))
                    .<Plugin<?>>map(provider -> provider.get())
                    .toList();
        } catch (ServiceConfigurationError | LinkageError e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new BrokenPluginException("it cannot be loaded: " + cause, e);
        }
    }
}
