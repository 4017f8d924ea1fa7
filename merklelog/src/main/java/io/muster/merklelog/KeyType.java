package io.muster.merklelog;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;

/**
 * What a key of a note signs, and how.
 *
 * @see <a href="https://c2sp.org/signed-note#signature-types">C2SP signed-note</a>,
 *     <a href="https://c2sp.org/tlog-cosignature">C2SP tlog-cosignature</a>
 */
public enum KeyType {
    /** Ed25519 over the text of the note; how a log signs. */
    ED25519(0x01, "Ed25519", "302a300506032b6570032100", 32, 64, false),

    /** Ed25519 over the time and the text of a checkpoint; how a witness signs. */
    ED25519_COSIGNATURE(0x04, "Ed25519", "302a300506032b6570032100", 32, 64, true),

    /** ML-DSA-44 over the names, the time, and the tree of a checkpoint, but not its extension lines. For logs and witnesses. */
    ML_DSA_44_COSIGNATURE(0x06, "ML-DSA-44", "30820532300b06096086480165030403110382052100", 1312, 2420, true);

    final byte id;

    /** As the JDK calls it. */
    final String algorithm;

    /** X.509 SubjectPublicKeyInfo, up to the key. */
    final byte[] x509;

    final int publicKeyLength;
    final int signatureLength;

    /** Whether eight bytes of time stand before the signature. */
    final boolean timed;

    KeyType(int id, String algorithm, String x509, int publicKeyLength, int signatureLength, boolean timed) {
        this.id = (byte) id;
        this.algorithm = algorithm;
        this.x509 = HexFormat.of().parseHex(x509);
        this.publicKeyLength = publicKeyLength;
        this.signatureLength = signatureLength;
        this.timed = timed;
    }

    static Optional<KeyType> of(byte id) {
        return Arrays.stream(values()).filter(type -> type.id == id).findFirst();
    }
}
