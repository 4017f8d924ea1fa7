package io.muster.merklelog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every reader, fed with valid inputs that were changed, and with noise: it refuses with {@link Malformed} and nothing else, or what it
 * read is written again byte by byte.
 */
class FuzzTest {
    private static final int MOST = 10_000_000;

    private static final List<String> TOKENS = List.of(
            "\n",
            "\n\n",
            "\r\n",
            "\0",
            " ",
            "  ",
            "+",
            "=",
            "-",
            "\u2014 ",
            "\u2013 ",
            "0",
            "00",
            "1",
            "x",
            "x001/",
            ".p/",
            ".p/256",
            "tile/",
            "index ",
            "extra ",
            "old ",
            "\u00a0",
            "\u0085",
            "\ud83d\ude00",
            "9223372036854775808",
            "18446744073709551616");

    private final List<String> corpus; // a valid text of each kind, to be spliced into others

    /** @param again what is written of what was read */
    private record Parser(String name, List<byte[]> valid, UnaryOperator<byte[]> again) {
        @Override
        public String toString() {
            return name;
        }
    }

    FuzzTest() {
        corpus = parsers()
                .flatMap(parser -> parser.valid.stream())
                .map(FuzzTest::text)
                .toList();
    }

    static Stream<Parser> parsers() {
        var at = Instant.ofEpochSecond(1_700_000_000);
        var log = SignerKey.of("log.example/1", KeyType.ED25519, new byte[32]);
        var witness = SignerKey.of("witness.example", KeyType.ED25519_COSIGNATURE, new byte[32]);
        var modern = SignerKey.of("log.example/1", KeyType.ML_DSA_44_COSIGNATURE, new byte[32]);
        var tree = MemoryLog.ofMusterLeaves(300);
        var checkpoint = new Checkpoint("log.example/1", 300, tree.frontier.root());
        var note = checkpoint.sign(List.of(log, witness), at);
        var extended = new Checkpoint("log.example/1", 0, Hash.OF_NOTHING, List.of("one more", "line"));
        try {
            var proof = new TlogProof(tree.tree().inclusion(123), note);
            var extra = new TlogProof(
                    Optional.of("AAEC"), 0, tree.tree().inclusion(0).path(), note);
            var request = new AddCheckpoint(200, tree.tree().consistency(200).path(), note);
            var bundle = new Bundle(1, 44);
            return Stream.of(
                    new Parser("Hash.parse", list(Hash.OF_NOTHING), in -> bytes(Hash.parse(Strict.utf8(in, MOST)))),
                    new Parser("Hash.split", List.of(Hash.join(tree.frontier.edge())), in -> Hash.join(Hash.split(in))),
                    new Parser(
                            "Frontier.of",
                            List.of(tree.frontier.bytes()),
                            in -> Frontier.of(300, in).bytes()),
                    new Parser(
                            "TilePath.parse",
                            list("tile/0/x001/x234/067.p/8", "tile/63/000", "tile/entries/x123/456.p/255"),
                            in -> bytes(TilePath.parse(Strict.utf8(in, MOST)).path())),
                    new Parser(
                            "Tile.hashes",
                            List.of(tree.file(new Tile(0, 1, 44))),
                            in -> Hash.join(new Tile(0, 1, 44).hashes(in))),
                    new Parser("Bundle.entries", List.of(tree.file(bundle)), in -> {
                        assertThat(bundle.leaves(in)).hasSize(44);
                        return Bundle.content(bundle.entries(in));
                    }),
                    new Parser(
                            "Checkpoint.parse",
                            list(checkpoint.text(), extended.text()),
                            in -> bytes(Checkpoint.parse(Strict.utf8(in, MOST)).text())),
                    new Parser(
                            "SignedNote.parse",
                            List.of(
                                    note.bytes(),
                                    extended.sign(List.of(log), at).bytes(),
                                    checkpoint.sign(List.of(modern), at).bytes()),
                            in -> SignedNote.parse(in).bytes()),
                    new Parser(
                            "TlogProof.parse",
                            List.of(proof.bytes(), extra.bytes()),
                            in -> TlogProof.parse(in).bytes()),
                    new Parser(
                            "AddCheckpoint.parse",
                            List.of(request.bytes()),
                            in -> AddCheckpoint.parse(in).bytes()),
                    new Parser(
                            "VerifierKey.parse",
                            list(log.verifier(), witness.verifier(), modern.verifier()),
                            in -> bytes(VerifierKey.parse(Strict.utf8(in, MOST)))),
                    new Parser(
                            "SignerKey.parse",
                            list(log.secret(), witness.secret()),
                            in -> bytes(SignerKey.parse(Strict.utf8(in, MOST)).secret())),
                    new Parser("CanonicalJson.of", list("{\"a\":[1,2.5,null,\"x\\n\"],\"b\":{\"c\":true}}"), in -> {
                        // its input may be written in many ways, but what it makes of it in one
                        var canonical = CanonicalJson.of(Strict.utf8(in, MOST));
                        return Arrays.equals(CanonicalJson.of(text(canonical)), canonical) ? in : canonical;
                    }));
        } catch (IOException inMemory) {
            throw new AssertionError(inMemory);
        }
    }

    @ParameterizedTest
    @MethodSource("parsers")
    void a_reader_refuses_or_reads_what_it_would_write(Parser parser) {
        fuzz(parser, 1, 4_000);
    }

    @ParameterizedTest
    @MethodSource("parsers")
    @Tag("nightly")
    void a_reader_refuses_or_reads_what_it_would_write_for_long(Parser parser) {
        fuzz(parser, new Random().nextLong(), 400_000);
    }

    /** More than any of them reads, of what makes work: they end, and do not take it. */
    @ParameterizedTest
    @MethodSource("parsers")
    void a_reader_of_much_too_much_refuses(Parser parser) {
        var much = new ArrayList<byte[]>();
        for (var token : List.of(
                "\n", "0", "A", "\u2014 a AAAAAAA=\n", "x001/", "+", " ", "[", "{\"a\":", "\0\0", "\n\n\u2014 ")) {
            much.add(bytes(token.repeat(2_000_001 / token.length())));
            for (var valid : parser.valid)
                much.add((text(valid) + token.repeat(2_000_001)).getBytes(StandardCharsets.UTF_8));
        }
        for (var in : much) {
            if (read(parser, in) && !parser.name.equals("Hash.split")) {
                assertThat(parser.name).as("reads much").isIn("Checkpoint.parse", "CanonicalJson.of");
            }
        }
    }

    private void fuzz(Parser parser, long seed, int rounds) {
        var random = new Random(seed);
        for (var valid : parser.valid) {
            assertThat(read(parser, valid)).as(parser + " reads what is valid").isTrue();
        }
        byte[] in = {};
        try {
            for (int i = 0; i < rounds; i++) {
                in = parser.valid.get(random.nextInt(parser.valid.size()));
                for (int changes = 1 + random.nextInt(3); changes > 0; changes--) in = changed(random, in);
                read(parser, in);
            }
        } catch (RuntimeException | AssertionError failure) {
            throw new AssertionError(
                    parser + ", seed " + seed + ", input: " + HexFormat.of().formatHex(in), failure);
        }
    }

    /** Whether it was read; then it is written as it came. */
    private static boolean read(Parser parser, byte[] in) {
        byte[] again;
        try {
            again = parser.again.apply(in);
        } catch (Malformed refused) {
            assertThat(refused.getMessage()).isNotBlank().hasSizeLessThan(500);
            return false;
        }
        if (!Arrays.equals(again, in)) fail("read, but written as " + text(again));
        return true;
    }

    private byte[] changed(Random random, byte[] in) {
        int at = random.nextInt(in.length + 1);
        int to = Math.min(in.length, at + random.nextInt(20));
        var head = Arrays.copyOf(in, at);
        var tail = Arrays.copyOfRange(in, at, in.length);
        return switch (random.nextInt(8)) {
            case 0 -> join(head, bytes(TOKENS.get(random.nextInt(TOKENS.size()))), tail);
            case 1 -> join(head, Arrays.copyOfRange(in, to, in.length)); // a piece is gone
            case 2 -> join(head, Arrays.copyOfRange(in, at, to), tail); // a piece is twice there
            case 3 -> random.nextInt(4) == 0 ? noise(random, random.nextInt(300)) : head;
            case 4 -> join(head, noise(random, 1 + random.nextInt(4)), tail);
            case 5 -> {
                var other = bytes(corpus.get(random.nextInt(corpus.size())));
                yield join(head, Arrays.copyOfRange(other, random.nextInt(other.length), other.length));
            }
            case 6 ->
                join(head, bytes(TOKENS.get(random.nextInt(TOKENS.size()))), Arrays.copyOfRange(in, to, in.length));
            default -> {
                var flipped = in.clone();
                if (at < in.length) flipped[at] ^= (byte) (1 << random.nextInt(8));
                yield flipped;
            }
        };
    }

    private static byte[] noise(Random random, int length) {
        var noise = new byte[length];
        random.nextBytes(noise);
        return noise;
    }

    private static byte[] join(byte[]... parts) {
        var out = new ByteArrayOutputStream();
        for (var part : parts) out.writeBytes(part);
        return out.toByteArray();
    }

    private static List<byte[]> list(Object... valid) {
        return Arrays.stream(valid).map(FuzzTest::bytes).toList();
    }

    private static byte[] bytes(Object text) {
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static String text(byte[] utf8) {
        return new String(utf8, StandardCharsets.UTF_8);
    }
}
