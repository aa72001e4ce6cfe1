package org.posthorn.api.auth;

/// The hash functions of the SCRAM mechanisms (RFC 5802, RFC 7677).
public enum ScramHash {
    /// For old clients only.
    SHA_1("SHA-1", "HmacSHA1", 20),
    /// What to use.
    SHA_256("SHA-256", "HmacSHA256", 32);

    private final String algorithm;
    private final String mac;
    private final int length;

    ScramHash(String algorithm, String mac, int length) {
        this.algorithm = algorithm;
        this.mac = mac;
        this.length = length;
    }

    /// Returns the mechanism's name, without `-PLUS`: such as `SCRAM-SHA-256`.
    public String mechanism() {
        return "SCRAM-" + algorithm;
    }

    /// Returns the name of the hash in the JDK.
    public String algorithm() {
        return algorithm;
    }

    /// Returns the name of its HMAC in the JDK.
    public String mac() {
        return mac;
    }

    /// Returns how many octets it makes.
    public int length() {
        return length;
    }
}
