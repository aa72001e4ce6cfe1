/// Reads `posthorn.conf` into records, and says all that is wrong with it at once, with file and
/// line.
package org.posthorn.server.config;
