/// Puts the server together: what is configured becomes parts, which are wired, started and stopped
/// in the right order.
package org.posthorn.server.assembly;
