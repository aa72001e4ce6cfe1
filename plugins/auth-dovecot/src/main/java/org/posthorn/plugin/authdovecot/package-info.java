/// The plugin `auth-dovecot`: knows clients by asking a Dovecot server, over its authentication
/// socket.
package org.posthorn.plugin.authdovecot;
