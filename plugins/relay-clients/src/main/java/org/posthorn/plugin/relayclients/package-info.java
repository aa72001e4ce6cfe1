/// Accepts mail for anywhere from trusted networks.
package org.posthorn.plugin.relayclients;
