package io.muster.server.residency.bucket;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URLDecoder;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;

/**
 * An answer in XML, flat: texts by their path below the root or below an item. No document type and no entity but the five
 * is read, whatever the answer says.
 *
 * @param root name of the outermost element
 * @param texts {@code Code}, {@code Properties/Last-Modified}; of elements outside of items
 * @param items what repeats: objects
 */
record XmlAnswer(String root, Map<String, String> texts, List<Map<String, String>> items) {

    private static final int DEEPEST = 8;

    String text(String path) {
        return texts.getOrDefault(path, "");
    }

    /** @param item name of the element that repeats */
    static XmlAnswer read(byte[] body, String item) throws IOException {
        var factory = XMLInputFactory.newDefaultFactory();
        factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
        factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
        factory.setProperty(XMLInputFactory.IS_COALESCING, true);
        try {
            return new Reading(item).read(factory.createXMLStreamReader(new ByteArrayInputStream(body)));
        } catch (XMLStreamException | IllegalArgumentException wrong) {
            throw new IOException("the answer is no XML that can be read", wrong);
        }
    }

    /** Where the reader stands: one pass, element by element. */
    private static final class Reading {

        private final String item;
        private final Map<String, String> texts = new HashMap<>();
        private final List<Map<String, String>> items = new ArrayList<>();
        private final ArrayDeque<String> path = new ArrayDeque<>();
        private final StringBuilder text = new StringBuilder();
        private Map<String, String> into = texts;
        private int itemDepth;
        private boolean encoded;

        Reading(String item) {
            this.item = item;
        }

        XmlAnswer read(XMLStreamReader xml) throws XMLStreamException, IOException {
            var root = "";
            while (xml.hasNext()) {
                switch (xml.next()) {
                    case XMLStreamConstants.START_ELEMENT -> {
                        if (path.isEmpty()) root = xml.getLocalName();
                        begin(xml.getLocalName(), "true".equals(xml.getAttributeValue(null, "Encoded")));
                    }
                    case XMLStreamConstants.CHARACTERS, XMLStreamConstants.CDATA -> text.append(xml.getText());
                    case XMLStreamConstants.END_ELEMENT -> end();
                    case XMLStreamConstants.DTD -> throw new IOException("the answer has a document type");
                    default -> {}
                }
            }
            return new XmlAnswer(root, texts, items);
        }

        private void begin(String name, boolean isEncoded) throws IOException {
            if (path.size() == DEEPEST) throw new IOException("the answer is nested too deeply");
            path.addLast(name);
            text.setLength(0);
            encoded = isEncoded;
            if (name.equals(item) && into == texts) {
                into = new HashMap<>();
                itemDepth = path.size();
            }
        }

        private void end() {
            var isItem = into != texts && path.size() == itemDepth;
            if (isItem) {
                items.add(into);
                into = texts;
            } else if (!text.isEmpty()) {
                var below = into == texts ? 1 : itemDepth;
                var name = String.join("/", path.stream().skip(below).toList());
                into.putIfAbsent(
                        name,
                        encoded ? URLDecoder.decode(text.toString().replace("+", "%2B"), UTF_8) : text.toString());
            }
            path.removeLast();
            text.setLength(0);
        }
    }
}
