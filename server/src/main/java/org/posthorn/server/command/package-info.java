/// The command `posthorn`.
package org.posthorn.server.command;
