/// The nouns of mail: mailboxes, paths, envelopes, header fields (RFC 5321, RFC 5322).
package org.posthorn.api.mail;
