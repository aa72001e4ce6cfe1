/// Accepts mail for the domains that this server receives for.
package org.posthorn.plugin.relaydomains;
