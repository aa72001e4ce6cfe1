package org.posthorn.smtp.sasl;

import org.posthorn.api.auth.ScramHash;
import org.posthorn.api.auth.ScramRecord;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;

import javax.crypto.Mac;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;

/// The arithmetic of SCRAM (RFC 5802 §3). Passwords are as [SaslPrep] leaves them.
public final class Scram {
    private static final String CLIENT_KEY = "Client Key";
    private static final String SERVER_KEY = "Server Key";

    private Scram() {}

    /// Makes what a server keeps in place of a password. Takes about a tenth of a second for
    /// 65,536 iterations.
    ///
    /// @throws IllegalArgumentException when salt or iterations are out of their bounds
    public static ScramRecord record(
            ScramHash hash, String password, ByteBuffer salt, int iterations) {
        byte[] salted = salted(hash, password, salt, iterations);
        return new ScramRecord(
                hash,
                iterations,
                salt,
                ByteBuffer.wrap(digest(hash, mac(hash, salted, CLIENT_KEY))),
                ByteBuffer.wrap(mac(hash, salted, SERVER_KEY)));
    }

    /// Tells whether a password is the one of a record, in a time that does not depend on how wrong
    /// it is.
    public static boolean verifies(ScramRecord record, String password) {
        ScramRecord made = record(record.hash(), password, record.salt(), record.iterations());
        return equal(made.storedKey(), record.storedKey());
    }

    /// Tells whether a client's proof is that of a record's password.
    ///
    /// @param conversation what both have said so far ([#conversation])
    public static boolean verifies(ScramRecord record, String conversation, ByteBuffer proof) {
        if (proof.remaining() != record.hash().length()) {
            return false;
        }
        byte[] signature = mac(record.hash(), SaslText.array(record.storedKey()), conversation);
        byte[] clientKey = SaslText.xor(SaslText.array(proof), signature);
        return equal(ByteBuffer.wrap(digest(record.hash(), clientKey)), record.storedKey());
    }

    /// Makes what a server proves itself by.
    public static ByteBuffer serverSignature(ScramRecord record, String conversation) {
        return ByteBuffer.wrap(
                mac(record.hash(), SaslText.array(record.serverKey()), conversation));
    }

    /// Makes what a client proves itself by.
    public static ByteBuffer clientProof(
            ScramHash hash, String password, ScramMessage.ServerFirst first, String conversation) {
        byte[] salted = salted(hash, password, first.salt(), first.iterations());
        byte[] clientKey = mac(hash, salted, CLIENT_KEY);
        byte[] signature = mac(hash, digest(hash, clientKey), conversation);
        return ByteBuffer.wrap(SaslText.xor(clientKey, signature));
    }

    /// Returns what both sign (`AuthMessage`).
    ///
    /// @param withoutProof the client's final message without its proof
    public static String conversation(
            ScramMessage.ClientFirst client, ScramMessage.ServerFirst server, String withoutProof) {
        return client.bare() + "," + server.text() + "," + withoutProof;
    }

    /// Compares without telling by the time it takes where the difference is.
    public static boolean equal(ByteBuffer one, ByteBuffer other) {
        return MessageDigest.isEqual(SaslText.array(one), SaslText.array(other));
    }

    private static byte[] salted(ScramHash hash, String password, ByteBuffer salt, int iterations) {
        try {
            PBEKeySpec spec =
                    new PBEKeySpec(
                            password.toCharArray(),
                            SaslText.array(salt),
                            iterations,
                            hash.length() * Byte.SIZE);
            return SecretKeyFactory.getInstance("PBKDF2With" + hash.mac())
                    .generateSecret(spec)
                    .getEncoded();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has PBKDF2", e);
        }
    }

    private static byte[] mac(ScramHash hash, byte[] key, String text) {
        try {
            Mac mac = Mac.getInstance(hash.mac());
            mac.init(new SecretKeySpec(key, hash.mac()));
            return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has HMAC", e);
        }
    }

    private static byte[] digest(ScramHash hash, byte[] octets) {
        try {
            return MessageDigest.getInstance(hash.algorithm()).digest(octets);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has SHA", e);
        }
    }
}
