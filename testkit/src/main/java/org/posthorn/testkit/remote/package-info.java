/// Servers to deliver to, which do what a test tells them: on real sockets, on loopback.
package org.posthorn.testkit.remote;
