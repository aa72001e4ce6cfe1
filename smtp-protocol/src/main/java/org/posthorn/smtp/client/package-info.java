/// The outgoing side of SMTP and LMTP: one session with one server, as straight-line code for
/// virtual threads.
///
/// [org.posthorn.smtp.client.SmtpClient] connects; a [org.posthorn.smtp.client.ClientSession] says
/// hello, may secure the connection, sends messages and quits. Nothing here knows about queues,
/// routes or retries.
package org.posthorn.smtp.client;
