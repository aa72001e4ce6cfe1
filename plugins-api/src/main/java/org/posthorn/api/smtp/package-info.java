/// What is said on the wire: replies and their enhanced status codes (RFC 5321 §4.2, RFC 3463).
package org.posthorn.api.smtp;
