package io.muster.server.heartbeat;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.server.testing.Proves;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.platform.commons.annotation.Testable;
import org.junit.platform.commons.support.AnnotationSupport;
import org.junit.platform.commons.support.HierarchyTraversalMode;
import org.junit.platform.commons.support.ReflectionSupport;

/** {@code heartbeat/acceptance.txt} is what the heartbeat promises; its tests are wherever they belong. */
class AcceptanceTest {

    @Test
    void each_promise_has_a_test_and_no_test_names_another() throws IOException {
        assertThat(proven()).containsExactlyInAnyOrderElementsOf(promised());
    }

    private static Set<String> promised() throws IOException {
        try (var file = AcceptanceTest.class.getResourceAsStream("/heartbeat/acceptance.txt")) {
            var ids = new LinkedHashSet<String>();
            new String(file.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.isBlank() && !line.startsWith("#"))
                    .map(line -> line.split(" ", 2)[0])
                    .forEach(id ->
                            assertThat(ids.add(id)).as(id + " stands once").isTrue());
            return ids;
        }
    }

    private static Set<String> proven() {
        var ids = new TreeSet<String>();
        for (var type : ReflectionSupport.findAllClassesInPackage(
                "io.muster.server", _ -> true, name -> name.endsWith("Test"))) {
            for (var test :
                    AnnotationSupport.findAnnotatedMethods(type, Proves.class, HierarchyTraversalMode.TOP_DOWN)) {
                assertThat(AnnotationSupport.isAnnotated(test, Testable.class))
                        .as(test + " is run")
                        .isTrue();
                ids.addAll(Arrays.asList(test.getAnnotation(Proves.class).value()));
            }
        }
        return ids;
    }
}
