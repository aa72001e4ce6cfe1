/// Certificates and keys, as TLS on the wire needs them.
package org.posthorn.smtp.tls;
