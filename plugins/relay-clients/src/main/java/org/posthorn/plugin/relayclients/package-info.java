/// The plugin `relay-clients`: vouches for whatever recipient a trusted client names.
package org.posthorn.plugin.relayclients;
