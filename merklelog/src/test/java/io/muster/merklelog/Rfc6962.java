package io.muster.merklelog;

import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;

/** The definitions of RFC 6962, section 2.1, word for word and slow; shares no code with what it is compared to but {@link Hash#at}. */
final class Rfc6962 {
    private Rfc6962() {}

    /** MTH(D[n]). */
    static Hash root(List<byte[]> d) {
        int n = d.size();
        if (n == 0) return sha256();
        if (n == 1) return sha256(new byte[] {0}, d.getFirst());
        int k = k(n);
        return sha256(
                new byte[] {1},
                root(d.subList(0, k)).bytes(),
                root(d.subList(k, n)).bytes());
    }

    /** PATH(m, D[n]). */
    static List<Hash> path(int m, List<byte[]> d) {
        int n = d.size();
        if (n == 1) return List.of();
        int k = k(n);
        return m < k
                ? and(path(m, d.subList(0, k)), root(d.subList(k, n)))
                : and(path(m - k, d.subList(k, n)), root(d.subList(0, k)));
    }

    /** PROOF(m, D[n]). */
    static List<Hash> proof(int m, List<byte[]> d) {
        return subproof(m, d, true);
    }

    private static List<Hash> subproof(int m, List<byte[]> d, boolean b) {
        int n = d.size();
        if (m == n) return b ? List.of() : List.of(root(d));
        int k = k(n);
        return m <= k
                ? and(subproof(m, d.subList(0, k), b), root(d.subList(k, n)))
                : and(subproof(m - k, d.subList(k, n), false), root(d.subList(0, k)));
    }

    /** The largest power of two smaller than n. */
    private static int k(int n) {
        int k = 1;
        while (2 * k < n) k *= 2;
        return k;
    }

    private static List<Hash> and(List<Hash> hashes, Hash last) {
        var all = new ArrayList<>(hashes);
        all.add(last);
        return all;
    }

    private static Hash sha256(byte[]... parts) {
        try {
            var digest = MessageDigest.getInstance("SHA-256");
            for (var part : parts) digest.update(part);
            return Hash.at(digest.digest(), 0);
        } catch (java.security.NoSuchAlgorithmException everyJdkHasIt) {
            throw new AssertionError(everyJdkHasIt);
        }
    }
}
