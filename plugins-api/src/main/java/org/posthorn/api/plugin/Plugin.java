package org.posthorn.api.plugin;

/// A kind of rules, found by [java.util.ServiceLoader] in its own module layer, and named in
/// `plugins = [{ use = NAME, … }]`.
///
/// A provider has a public constructor without parameters that does nothing. Each block of the
/// configuration that uses it makes one [Hooks], so that the same plugin can be configured twice.
///
/// @param <S> its settings
public interface Plugin<S extends Record> {

    /// Returns the name behind `use`: lower case letters, digits and hyphens.
    String name();

    /// Returns the record that its block is read into: one component per setting, named as the
    /// setting with dashes turned to camel case, with [org.posthorn.api.config.Help] and
    /// [org.posthorn.api.config.Default]. Its compact constructor may refuse values by
    /// `IllegalArgumentException`; the message then stands beside file and line. One that begins
    /// with the name of a setting is about that one; so that the operator learns of all mistakes at
    /// once, the record is then made again with the setting's default in its place. Where
    /// settings without defaults are refused, the others' exceptions are suppressed in the first.
    ///
    /// Components may be text, numbers, booleans, enums, durations,
    /// [org.posthorn.api.config.ByteSize], paths, [org.posthorn.api.net.Network],
    /// [org.posthorn.api.mail.Domain], `Optional`, lists and records of these.
    Class<S> settings();

    /// Starts one configured instance, before the first session. A failure stops the server from
    /// starting.
    ///
    /// @param settings this instance's block
    /// @param context what the server offers
    /// @throws Exception when it cannot work; the message is shown to the operator beside the
    /// block's file and line
    Hooks start(S settings, PluginContext context) throws Exception;
}
