package io.muster.server.problem;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.springframework.core.io.Resource;
import org.springframework.core.io.support.PathMatchingResourcePatternResolver;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.servlet.ModelAndView;
import org.springframework.web.servlet.resource.ResourceUrlProvider;

/** What each problem's {@code type} leads to: {@code /problems/<name>}, one file each in the folder {@code problems}. */
@Controller
public class ProblemTypes {

    /**
     * What a page says.
     *
     * @param paragraphs with {@code **bold**} and {@code `code`} in them
     */
    public record Text(String name, String title, List<String> paragraphs) {

        static Text parse(String name, String markdown) {
            var blocks = Arrays.asList(markdown.strip().split("\\R{2,}"));
            return new Text(
                    name, blocks.getFirst().replaceFirst("^# ", ""), List.copyOf(blocks.subList(1, blocks.size())));
        }

        /** A run of text that looks the same. */
        public record Part(String text, boolean code, boolean bold) {}

        public static List<Part> parts(String paragraph) {
            var parts = new ArrayList<Part>();
            var byBold = paragraph.split("\\*\\*", -1);
            for (int i = 0; i < byBold.length; i++) {
                var byCode = byBold[i].split("`", -1);
                for (int j = 0; j < byCode.length; j++) {
                    parts.add(new Part(byCode[j], j % 2 == 1, i % 2 == 1));
                }
            }
            return parts;
        }
    }

    private final Map<String, Text> texts = new TreeMap<>();
    private final ResourceUrlProvider urls;

    ProblemTypes(ResourceUrlProvider urls) {
        this.urls = urls;
        try {
            for (Resource file : new PathMatchingResourcePatternResolver().getResources("classpath*:problems/*.md")) {
                var name = Objects.requireNonNull(file.getFilename()).replaceFirst("\\.md$", "");
                texts.put(name, Text.parse(name, file.getContentAsString(UTF_8)));
            }
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    @GetMapping("/problems")
    ModelAndView all() {
        return page("Problems").addObject("texts", List.copyOf(texts.values()));
    }

    @GetMapping("/problems/{name}")
    ModelAndView one(@PathVariable String name) {
        var text = texts.get(name);
        if (text == null) throw Problem.notFound("There is no problem of this name: /problems lists all.");
        return page(text.title()).addObject("texts", List.of(text));
    }

    private ModelAndView page(String title) {
        UnaryOperator<String> assets = file -> Objects.requireNonNull(urls.getForLookupPath("/assets/" + file), file);
        return new ModelAndView("problem/problems", Map.of("title", title, "assets", assets));
    }
}
