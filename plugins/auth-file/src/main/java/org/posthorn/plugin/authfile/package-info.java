/// The plugin `auth-file`: knows clients by a file of accounts, which `posthorn user` writes.
package org.posthorn.plugin.authfile;
