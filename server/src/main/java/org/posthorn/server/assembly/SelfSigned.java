package org.posthorn.server.assembly;

import org.posthorn.server.management.PrivateFile;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;

/// Makes a certificate that nobody else vouches for: enough for opportunistic TLS (RFC 7435), which
/// is what most servers speak with each other.
///
/// The JDK has no public way to write a certificate, and the library that has is larger than the
/// server: so the few fields that RFC 5280 §4.1 asks for are encoded here (X.690, DER).
final class SelfSigned {
    private static final Duration VALID = Duration.ofDays(10 * 365);
    private static final Duration CLOCKS_DIFFER = Duration.ofDays(1);
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyyMMddHHmmss'Z'").withZone(ZoneOffset.UTC);

    private static final int INTEGER = 0x02;
    private static final int BIT_STRING = 0x03;
    private static final int OCTET_STRING = 0x04;
    private static final int UTF8_STRING = 0x0c;
    private static final int GENERALIZED_TIME = 0x18;
    private static final int SEQUENCE = 0x30;
    private static final int SET = 0x31;
    private static final int DNS_NAME = 0x82;
    private static final int VERSION = 0xa0;
    private static final int EXTENSIONS = 0xa3;

    private static final byte[] ECDSA_WITH_SHA256 = hex("06082a8648ce3d040302");
    private static final byte[] COMMON_NAME = hex("0603550403");
    private static final byte[] SUBJECT_ALTERNATIVE_NAME = hex("0603551d11");

    private SelfSigned() {}

    /// Returns the certificate in a directory, made for the host name when there is none yet.
    ///
    /// @throws IOException when it cannot be written; the message names the file
    static TlsConfig in(Path directory, String hostname, InstantSource clock) throws IOException {
        Path certificate = directory.resolve("cert.pem");
        Path key = directory.resolve("key.pem");
        if (!Files.exists(certificate) || !Files.exists(key)) {
            try {
                KeyPair pair = keyPair();
                byte[] made = certificate(pair, hostname, clock.instant());
                PrivateFile.write(key, pem("PRIVATE KEY", pair.getPrivate().getEncoded()));
                PrivateFile.write(certificate, pem("CERTIFICATE", made));
            } catch (GeneralSecurityException e) {
                throw new IOException("no certificate can be made in " + directory + ": " + e, e);
            }
        }
        return new TlsConfig(certificate, key, List.of(), Duration.ZERO);
    }

    private static KeyPair keyPair() throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        return generator.generateKeyPair();
    }

    private static byte[] certificate(KeyPair pair, String hostname, Instant now)
            throws GeneralSecurityException {
        byte[] algorithm = der(SEQUENCE, ECDSA_WITH_SHA256);
        byte[] signed = toBeSigned(pair, hostname, now, algorithm);
        Signature signature = Signature.getInstance("SHA256withECDSA");
        signature.initSign(pair.getPrivate());
        signature.update(signed);
        return der(SEQUENCE, signed, algorithm, der(BIT_STRING, new byte[1], signature.sign()));
    }

    private static byte[] toBeSigned(KeyPair pair, String hostname, Instant now, byte[] algorithm) {
        byte[] serial = new BigInteger(128, new SecureRandom()).add(BigInteger.ONE).toByteArray();
        byte[] name = name(hostname);
        return der(
                SEQUENCE,
                der(VERSION, der(INTEGER, new byte[] {2})),
                der(INTEGER, serial),
                algorithm,
                name,
                der(SEQUENCE, time(now.minus(CLOCKS_DIFFER)), time(now.plus(VALID))),
                name,
                pair.getPublic().getEncoded(),
                der(EXTENSIONS, der(SEQUENCE, alternativeName(hostname))));
    }

    /// The longest common name is 64 characters; what counts is the alternative name.
    private static byte[] name(String hostname) {
        String text = hostname.length() > 64 ? "posthorn" : hostname;
        byte[] common = der(SEQUENCE, COMMON_NAME, der(UTF8_STRING, octets(text)));
        return der(SEQUENCE, der(SET, common));
    }

    private static byte[] alternativeName(String hostname) {
        byte[] names = der(SEQUENCE, der(DNS_NAME, octets(hostname)));
        return der(SEQUENCE, SUBJECT_ALTERNATIVE_NAME, der(OCTET_STRING, names));
    }

    private static byte[] time(Instant at) {
        return der(GENERALIZED_TIME, octets(TIME.format(at)));
    }

    private static byte[] octets(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] hex(String text) {
        return HexFormat.of().parseHex(text);
    }

    private static byte[] der(int tag, byte[]... parts) {
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            content.writeBytes(part);
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(tag);
        if (content.size() < 0x80) {
            out.write(content.size());
        } else {
            byte[] length = BigInteger.valueOf(content.size()).toByteArray();
            int skip = length[0] == 0 ? 1 : 0;
            out.write(0x80 | length.length - skip);
            out.write(length, skip, length.length - skip);
        }
        out.writeBytes(content.toByteArray());
        return out.toByteArray();
    }

    private static String pem(String what, byte[] octets) {
        String text = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(octets);
        return "-----BEGIN " + what + "-----\n" + text + "\n-----END " + what + "-----\n";
    }
}
