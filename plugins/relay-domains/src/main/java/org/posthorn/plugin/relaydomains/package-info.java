/// The plugin `relay-domains`: vouches for recipients in the domains that mail is received for.
package org.posthorn.plugin.relaydomains;
