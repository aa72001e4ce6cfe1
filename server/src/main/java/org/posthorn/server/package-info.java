/// The program: configuration, wiring, plugin loading, management and command line.
package org.posthorn.server;
