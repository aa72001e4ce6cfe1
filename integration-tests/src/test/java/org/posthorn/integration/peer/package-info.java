/// Mail software from Debian as clients and servers: each in a directory of its own, on loopback,
/// on ports of its own.
package org.posthorn.integration.peer;
