/// Addresses and networks of clients.
package org.posthorn.api.net;
