/// What SASL mechanisms say to each other, for both sides: their messages, and the arithmetic of
/// SCRAM (RFC 4422, RFC 4616, RFC 5802, RFC 7628).
package org.posthorn.smtp.sasl;
