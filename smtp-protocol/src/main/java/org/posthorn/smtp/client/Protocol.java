package org.posthorn.smtp.client;

/// What is spoken to the server.
public enum Protocol {
    /// SMTP (RFC 5321).
    SMTP("EHLO"),
    /// LMTP: as SMTP, but with one reply per recipient behind the content (RFC 2033).
    LMTP("LHLO");

    private final String hello;

    Protocol(String hello) {
        this.hello = hello;
    }

    /// Returns the verb that a session begins with.
    String hello() {
        return hello;
    }
}
