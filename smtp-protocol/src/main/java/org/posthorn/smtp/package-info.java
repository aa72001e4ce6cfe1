/// SMTP on the wire, both sides: codec, server session, client session.
package org.posthorn.smtp;
