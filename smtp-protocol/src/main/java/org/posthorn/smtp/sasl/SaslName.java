package org.posthorn.smtp.sasl;

/// Names in messages whose parts commas separate (RFC 5801 §4, `saslname`).
final class SaslName {
    private SaslName() {}

    static String encode(String name) {
        return name.replace("=", "=3D").replace(",", "=2C");
    }

    /// Decodes a name that has no comma.
    ///
    /// @throws SaslSyntaxException when an equals sign stands for anything but itself or a comma
    static String decode(String encoded) throws SaslSyntaxException {
        StringBuilder name = new StringBuilder(encoded.length());
        for (int i = 0; i < encoded.length(); i++) {
            char c = encoded.charAt(i);
            if (c != '=') {
                name.append(c);
                continue;
            }
            if (encoded.startsWith("=2C", i)) {
                name.append(',');
            } else if (encoded.startsWith("=3D", i)) {
                name.append('=');
            } else {
                throw new SaslSyntaxException("in a name, = stands only in =2C and =3D");
            }
            i += 2;
        }
        return name.toString();
    }
}
