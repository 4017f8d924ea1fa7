package io.muster.merklelog;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.time.Instant;
import java.util.Arrays;

/** A private key under a name. It never prints itself: {@link #secret} does. */
public final class SignerKey {
    /** Bytes that a key of any type is made from. */
    public static final int SEED_LENGTH = 32;

    private static final String START = "PRIVATE+KEY+";

    private final VerifierKey verifier;
    private final byte[] seed;
    private final PrivateKey privateKey;

    private SignerKey(VerifierKey verifier, byte[] seed, PrivateKey privateKey) {
        this.verifier = verifier;
        this.seed = seed;
        this.privateKey = privateKey;
    }

    public static SignerKey generate(String name, KeyType type) {
        var seed = new byte[SEED_LENGTH];
        new SecureRandom().nextBytes(seed);
        return of(name, type, seed);
    }

    /** The key that {@code seed} stands for. */
    public static SignerKey of(String name, KeyType type, byte[] seed) {
        if (seed.length != SEED_LENGTH) {
            throw new Malformed("a key is made from " + SEED_LENGTH + " bytes, not " + seed.length);
        }
        try {
            var generator = KeyPairGenerator.getInstance(type.algorithm);
            var chosen = new Chosen(seed.clone());
            generator.initialize(type == KeyType.ML_DSA_44_COSIGNATURE ? -1 : 255, chosen);
            var pair = generator.generateKeyPair();
            if (!chosen.taken) {
                throw new IllegalStateException("this JDK makes keys of " + type.algorithm + " in another way");
            }
            var x509 = pair.getPublic().getEncoded();
            var publicKey = Arrays.copyOfRange(x509, x509.length - type.publicKeyLength, x509.length);
            return new SignerKey(
                    new VerifierKey(name, type, Strict.base64(publicKey)), seed.clone(), pair.getPrivate());
        } catch (GeneralSecurityException everyJdkHasIt) {
            throw new IllegalStateException("this JDK has no " + type.algorithm, everyJdkHasIt);
        }
    }

    /** Reads {@link #secret}. */
    public static SignerKey parse(String secret) {
        var parts = secret.startsWith(START) && secret.length() < 4096
                ? secret.substring(START.length()).split("\\+", 3)
                : new String[0];
        if (parts.length != 3) {
            throw new Malformed("not a signer key, as PRIVATE+KEY+name+12345678+base64");
        }
        byte[] typed;
        try {
            typed = Strict.base64(parts[2]);
        } catch (Malformed withTheSecretInIt) {
            throw new Malformed("the signer key of " + Strict.shown(parts[0]) + " is not canonical base64");
        }
        if (typed.length != 1 + SEED_LENGTH) {
            throw new Malformed("the signer key of " + Strict.shown(parts[0]) + " has another length");
        }
        var type = KeyType.of(typed[0])
                .orElseThrow(() -> new Malformed("signer keys of type " + typed[0] + " are not known"));
        var key = of(parts[0], type, Arrays.copyOfRange(typed, 1, typed.length));
        if (!key.verifier.hexId().equals(parts[1])) {
            throw new Malformed("the signer key of " + parts[0] + " has another id than it says");
        }
        return key;
    }

    public VerifierKey verifier() {
        return verifier;
    }

    /** {@code PRIVATE+KEY+name+id+base64}, as Go's note package has it: to be stored where secrets are. */
    public String secret() {
        var typed = ByteBuffer.allocate(1 + SEED_LENGTH).put(verifier.type().id).put(seed);
        return START + verifier.name() + "+" + verifier.hexId() + "+" + Strict.base64(typed.array());
    }

    /**
     * Signs the text of a note.
     *
     * @param at said in a cosignature, to the second; a key of type {@link KeyType#ED25519} says no time
     */
    public NoteSignature sign(String text, Instant at) {
        var type = verifier.type();
        long seconds = type.timed ? at.getEpochSecond() : 0;
        var message = verifier.message(text, seconds);
        try {
            var signature = Signature.getInstance(type.algorithm);
            signature.initSign(privateKey);
            signature.update(message);
            var signed = signature.sign();
            return NoteSignature.of(
                    verifier,
                    type.timed
                            ? ByteBuffer.allocate(Long.BYTES + signed.length)
                                    .putLong(seconds)
                                    .put(signed)
                                    .array()
                            : signed);
        } catch (GeneralSecurityException ownKey) {
            throw new IllegalStateException(verifier.name() + " cannot sign", ownKey);
        }
    }

    @Override
    public String toString() {
        return "***";
    }

    /** The JDK computes public keys only of keys that it draws itself: so it draws the one that is wanted. */
    private static final class Chosen extends SecureRandom {
        private static final long serialVersionUID = 1;

        private final byte[] seed;
        private boolean taken;

        private Chosen(byte[] seed) {
            this.seed = seed;
        }

        @Override
        public void nextBytes(byte[] bytes) {
            if (taken || bytes.length != seed.length) {
                throw new IllegalStateException("this JDK draws " + bytes.length + " bytes for a key");
            }
            System.arraycopy(seed, 0, bytes, 0, seed.length);
            taken = true;
        }
    }
}
