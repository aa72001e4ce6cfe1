package org.posthorn.plugin.authfile;

import org.posthorn.api.config.Help;

import java.nio.file.Path;

/// The settings of `auth-file`.
///
/// @param file where the accounts are
record AuthFileSettings(
        @Help("The file with the accounts, which `posthorn user` writes. It need not exist yet.")
                Path file) {}
