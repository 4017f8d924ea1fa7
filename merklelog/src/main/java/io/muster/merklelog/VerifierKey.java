package io.muster.merklelog;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;

/**
 * A public key under a name: who must have signed. The same key under two names is two keys.
 *
 * @param publicKey its bytes, in base64
 * @see <a href="https://c2sp.org/signed-note#verifier-keys">C2SP signed-note, verifier keys</a>
 */
public record VerifierKey(String name, KeyType type, String publicKey) {
    public VerifierKey {
        NoteSignature.checkName(name);
        var bytes = Strict.base64(publicKey);
        if (bytes.length != type.publicKeyLength) {
            throw new Malformed(
                    "the public key of " + name + " has " + bytes.length + " bytes, not " + type.publicKeyLength);
        }
        try {
            verifying(type, bytes);
        } catch (GeneralSecurityException noPoint) {
            throw new Malformed("the public key of " + name + " is none of " + type.algorithm);
        }
    }

    /** Reads {@link #toString()}. */
    public static VerifierKey parse(String text) {
        var parts = text.length() > 4096 ? new String[0] : text.split("\\+", 3); // base64 may have a + of its own
        if (parts.length != 3) {
            throw new Malformed("not a verifier key, as name+12345678+base64: " + Strict.shown(text));
        }
        var typed = Strict.base64(parts[2]);
        if (typed.length == 0) {
            throw new Malformed("the key of " + Strict.shown(parts[0]) + " is empty");
        }
        var type = KeyType.of(typed[0])
                .orElseThrow(() -> new Malformed("keys of type " + typed[0] + " are not known: " + Strict.shown(text)));
        var key = new VerifierKey(parts[0], type, Strict.base64(Arrays.copyOfRange(typed, 1, typed.length)));
        if (!key.hexId().equals(parts[1])) {
            throw new Malformed(
                    "the key of " + parts[0] + " has the id " + key.hexId() + ", not " + Strict.shown(parts[1]));
        }
        return key;
    }

    /** {@code name+id+base64}, the id in hex. */
    @Override
    public String toString() {
        return name + "+" + hexId() + "+" + Strict.base64(typed());
    }

    /** The first four bytes of SHA-256(name || line feed || type || public key): which key a signature is of, not a proof of it. */
    public int id() {
        var digest = Hash.sha256();
        digest.update((name + "\n").getBytes(StandardCharsets.UTF_8));
        return ByteBuffer.wrap(digest.digest(typed())).getInt();
    }

    String hexId() {
        return HexFormat.of().toHexDigits(id());
    }

    private byte[] typed() {
        return ByteBuffer.allocate(1 + type.publicKeyLength)
                .put(type.id)
                .put(Strict.base64(publicKey))
                .array();
    }

    /** When it says that it signed, if it is a cosignature with a time. */
    Optional<Instant> verify(String text, byte[] signature) throws Refuted {
        int timed = type.timed ? Long.BYTES : 0;
        if (signature.length == timed + type.signatureLength) {
            long seconds = type.timed ? ByteBuffer.wrap(signature).getLong() : 0;
            try {
                var verifying = verifying(type, Strict.base64(publicKey));
                verifying.update(message(text, seconds));
                if (verifying.verify(signature, timed, type.signatureLength)) {
                    return seconds == 0 ? Optional.empty() : Optional.of(Instant.ofEpochSecond(seconds));
                }
            } catch (GeneralSecurityException | DateTimeException | Malformed holdsNot) {
                // a signature that is no point of the curve, a time that is none, a text that is no checkpoint
            }
        }
        throw new Refuted("the signature of " + name + " does not hold");
    }

    private static Signature verifying(KeyType type, byte[] publicKey) throws GeneralSecurityException {
        var x509 = ByteBuffer.allocate(type.x509.length + publicKey.length)
                .put(type.x509)
                .put(publicKey);
        PublicKey key = KeyFactory.getInstance(type.algorithm).generatePublic(new X509EncodedKeySpec(x509.array()));
        var signature = Signature.getInstance(type.algorithm);
        signature.initVerify(key);
        return signature;
    }

    /**
     * What is signed.
     *
     * @param seconds since 1970; 0 of a type without time
     * @see <a href="https://c2sp.org/tlog-cosignature#format">C2SP tlog-cosignature, format</a>
     */
    byte[] message(String text, long seconds) {
        if (seconds < 0) {
            throw new Malformed("a cosignature is of 1970 or later");
        }
        return switch (type) {
            case ED25519 -> text.getBytes(StandardCharsets.UTF_8);
            case ED25519_COSIGNATURE ->
                ("cosignature/v1\ntime " + seconds + "\n" + text).getBytes(StandardCharsets.UTF_8);
            case ML_DSA_44_COSIGNATURE -> {
                var checkpoint = Checkpoint.parse(text);
                var signer = name.getBytes(StandardCharsets.UTF_8);
                var log = checkpoint.origin().getBytes(StandardCharsets.UTF_8);
                if (signer.length > 255 || log.length > 255) {
                    throw new Malformed("names under such a signature have at most 255 bytes");
                }
                yield ByteBuffer.allocate(12 + 1 + signer.length + 8 + 1 + log.length + 8 + 8 + Hash.LENGTH)
                        .put("subtree/v1\n\0".getBytes(StandardCharsets.US_ASCII))
                        .put((byte) signer.length)
                        .put(signer)
                        .putLong(seconds)
                        .put((byte) log.length)
                        .put(log)
                        .putLong(0) // the whole tree
                        .putLong(checkpoint.size())
                        .put(checkpoint.root().bytes())
                        .array();
            }
        };
    }
}
