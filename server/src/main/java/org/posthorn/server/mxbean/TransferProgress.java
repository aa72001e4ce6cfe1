package org.posthorn.server.mxbean;

/// How far an export or import has got. Immutable.
///
/// @param operation `export` or `import`
/// @param messages how many messages are done
/// @param expected how many there are at the most; 0 where that is not known
/// @param octets the content of what is done
/// @param refused how many messages were left out
public record TransferProgress(
        String operation, long messages, long expected, long octets, long refused) {}
