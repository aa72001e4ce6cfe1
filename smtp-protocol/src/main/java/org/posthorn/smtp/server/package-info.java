/// The receiving side of SMTP: listeners, sessions, the hook chain, and how content gets into the
/// queue (RFC 5321).
package org.posthorn.smtp.server;
