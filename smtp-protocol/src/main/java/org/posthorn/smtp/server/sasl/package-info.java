/// The server's side of SASL: one class for each mechanism, and the sources of credentials that
/// they ask (RFC 4422, RFC 4954). Nothing here is exported.
package org.posthorn.smtp.server.sasl;
