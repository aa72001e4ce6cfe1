/// Fakes and drivers for tests of plugins and of the server: time, DNS and queue in memory, and
/// sessions that need no socket.
package org.posthorn.testkit;
