package io.muster.server.tenancy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.schema.CoreSchema;
import tools.jackson.databind.node.JsonNodeFactory;

class YamlTextTest {

    /** Alone, within a line and within several, which are written in another way. */
    @Test
    void a_text_comes_back_as_it_is_whatever_character_is_in_it() {
        var sent = new LinkedHashMap<String, Object>();
        for (int c = 1; c <= 0x1F600; c++) {
            if (c == 0x3000) c = 0xD700; // letters like others
            if (c == 0xD800) c = 0xE000; // halves of surrogate pairs are refused before
            if (c == 0x10010) c = 0x1F5F0;
            var character = Character.toString(c);
            sent.put("alone-%x".formatted(c), character);
            sent.put("line-%x".formatted(c), "a" + character + "b");
            sent.put("lines-%x".formatted(c), "a\nb" + character + "\nc");
        }
        var object = JsonNodeFactory.instance.objectNode();
        sent.forEach((name, text) -> object.put(name, (String) text));
        var settings = LoadSettings.builder()
                .setSchema(new CoreSchema())
                .setCodePointLimit(Integer.MAX_VALUE)
                .build();
        var read = (Map<?, ?>) ((List<?>) new Load(settings).loadFromString(YamlText.entry(object))).getFirst();
        assertThat(sent.keySet().stream().filter(name -> !sent.get(name).equals(read.get(name))))
                .isEmpty();
    }
}
