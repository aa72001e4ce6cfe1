/// Scripted SMTP dialogues, played against a session in memory or a server behind a socket.
package org.posthorn.testkit.dialogue;
