package io.muster.merklelog;

import java.util.ArrayList;
import java.util.List;

/** How fast one core is: leaves hashed, trees grown in batches, proofs made and verified, whole logs read. Not a test; run it alone. */
final class Speed {
    private static final int SIZE = 1 << 20;

    private Speed() {}

    private interface Work {
        /** @return how many it did */
        long run() throws Exception;
    }

    public static void main(String[] args) throws Exception {
        var entries = new ArrayList<byte[]>();
        for (int i = 0; i < SIZE; i++) {
            var entry = new byte[134]; // as long as Muster's
            entry[0] = (byte) i;
            entry[1] = (byte) (i >> 8);
            entry[2] = (byte) (i >> 16);
            entries.add(entry);
        }
        var leaves = entries.stream().map(Hash::ofLeaf).toList();
        var log = new MemoryLog();
        log.append(entries);
        log.publish();
        var tree = log.tree();
        var root = log.frontier.root();
        var checkpoint = new Checkpoint("log.example/1", SIZE, root);
        measure("leaves of 134 bytes hashed", () -> {
            long sum = 0;
            for (var entry : entries) sum += Hash.ofLeaf(entry).a();
            return sum == 1 ? 0 : SIZE;
        });
        measure("leaves appended, 1,000 at once", () -> append(leaves, 1000));
        measure("leaves appended, one by one", () -> append(leaves, 1));
        measure("inclusion proofs from tiles in memory", () -> {
            for (int i = 0; i < 10_000; i++) tree.inclusion(i * 97L);
            return 10_000;
        });
        var proof = tree.inclusion(12_345);
        measure("inclusion proofs verified", () -> {
            for (int i = 0; i < 10_000; i++) proof.verify(leaves.get(12_345), root);
            return 10_000;
        });
        measure("entries of a whole log verified from bundles, with its tiles", () -> {
            var whole = new WholeLog(List.of(checkpoint), log);
            for (int i = 0; i < SIZE / 256; i++) whole.read(new Bundle(i, 256), log.file(new Bundle(i, 256)));
            whole.end();
            return whole.size();
        });
        var key = SignerKey.generate("log.example/1", KeyType.ED25519);
        measure("checkpoints signed with Ed25519", () -> {
            for (int i = 0; i < 1000; i++) key.sign(checkpoint.text(), java.time.Instant.EPOCH);
            return 1000;
        });
        var note = checkpoint.sign(List.of(key), java.time.Instant.EPOCH);
        measure("checkpoints verified with Ed25519", () -> {
            for (int i = 0; i < 1000; i++) Checkpoint.open(note, "log.example/1", List.of(key.verifier()));
            return 1000;
        });
    }

    private static long append(List<Hash> leaves, int batch) {
        var frontier = Frontier.EMPTY;
        for (int i = 0; i < leaves.size(); i += batch) {
            frontier = frontier.append(leaves.subList(i, Math.min(leaves.size(), i + batch)));
        }
        return frontier.size();
    }

    /** The median of five runs, after two to warm up. */
    private static void measure(String what, Work work) throws Exception {
        var rates = new ArrayList<Long>();
        for (int run = 0; run < 7; run++) {
            long from = System.nanoTime();
            long done = work.run();
            if (run >= 2) rates.add(done * 1_000_000_000L / (System.nanoTime() - from));
        }
        rates.sort(null);
        System.out.printf("%,12d/s  %s (%,d to %,d)%n", rates.get(2), what, rates.getFirst(), rates.getLast());
    }
}
