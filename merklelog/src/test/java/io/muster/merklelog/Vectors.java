package io.muster.merklelog;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A value of tlog-vectors.json; all of one file know together which values nobody has read yet. */
record Vectors(String pointer, JsonNode node, TreeSet<String> unread) {

    static Vectors load() throws IOException {
        try (InputStream in = Vectors.class.getResourceAsStream("tlog-vectors.json")) {
            var file = new Vectors("", JsonMapper.shared().readTree(in), new TreeSet<>());
            file.collect();
            return file;
        }
    }

    private void collect() {
        if (node.isObject()) {
            for (var name : node.propertyNames()) get(name).collect();
        } else if (node.isArray()) {
            items().forEach(Vectors::collect);
        } else {
            unread.add(pointer);
        }
    }

    Vectors get(String name) {
        return new Vectors(pointer + "/" + name, Objects.requireNonNull(node.get(name), pointer + "/" + name), unread);
    }

    boolean has(String name) {
        return node.has(name);
    }

    List<Vectors> items() {
        var items = new ArrayList<Vectors>();
        for (int i = 0; i < node.size(); i++) items.add(new Vectors(pointer + "/" + i, node.get(i), unread));
        return items;
    }

    List<String> names() {
        return List.copyOf(node.propertyNames());
    }

    String text() {
        unread.remove(pointer);
        if (!node.isString()) throw new AssertionError(pointer + " is no text");
        return node.stringValue();
    }

    String text(String name) {
        return get(name).text();
    }

    long number() {
        unread.remove(pointer);
        if (!node.isIntegralNumber()) throw new AssertionError(pointer + " is no number");
        return node.longValue();
    }

    long number(String name) {
        return get(name).number();
    }

    byte[] hex(String name) {
        return HexFormat.of().parseHex(text(name));
    }

    Hash hash(String name) {
        return Hash.parse(text(name));
    }

    List<Hash> hashes(String name) {
        return get(name).items().stream().map(item -> Hash.parse(item.text())).toList();
    }

    static byte[] bytes(String base64) {
        return Base64.getDecoder().decode(base64);
    }
}
