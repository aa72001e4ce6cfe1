/// Questions to the DNS, as the server and its plugins ask them.
package org.posthorn.api.dns;
