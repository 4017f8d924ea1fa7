package io.muster.server.problem;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.server.testing.Http;
import io.muster.server.testing.ServerTest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;

/** What {@code type} leads to. */
@ServerTest
class ProblemTypesTest {
    private static final Path SOURCES = Path.of("src/main/java");

    /** A problem as it is made in the code: its status, its name. */
    private static final Pattern MADE = Pattern.compile("new Problem\\(\\s*([^,]+),\\s*([^,]+),");

    @Autowired
    Http http;

    @Test
    void every_problem_that_can_be_sent_has_a_page_of_its_own_and_every_page_a_problem() throws Exception {
        var sent = names();
        assertThat(sent).contains("refused", "not_yaml", "csrf", "internal", "not_acceptable");
        for (var name : sent) {
            var page = http.send(http.request("GET", "/problems/" + name, null));
            assertThat(page.status()).as(name).isEqualTo(200);
            assertThat(page.body()).contains("<code>/problems/" + name + "</code>");
        }
        var all = http.send(http.request("GET", "/problems", null)).body();
        var listed = Pattern.compile("<code>/problems/([a-z_]+)</code>")
                .matcher(all)
                .results()
                .map(found -> found.group(1));
        assertThat(listed).containsExactlyInAnyOrderElementsOf(sent);
        assertThat(http.send(http.request("GET", "/problems/no_such", null)).status())
                .isEqualTo(404);
    }

    /** Those that the code names, and those that are no more than their status. */
    private static Set<String> names() throws Exception {
        var names = new TreeSet<String>();
        IntStream.range(400, 600).mapToObj(GenericProblems::name).forEach(names::add);
        try (var files = Files.walk(SOURCES)) {
            for (var file :
                    files.filter(path -> path.toString().endsWith(".java")).toList()) {
                var made = MADE.matcher(Files.readString(file));
                while (made.find()) {
                    var name = made.group(2);
                    if (name.startsWith("GenericProblems.name(")) continue;
                    assertThat(name).as("in " + file).matches("\"[a-z_]+\""); // else this test cannot know it
                    names.add(name.replace("\"", ""));
                }
            }
        }
        return names;
    }
}
