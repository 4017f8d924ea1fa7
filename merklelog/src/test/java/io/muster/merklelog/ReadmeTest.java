package io.muster.merklelog;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReadmeTest {
    /** With the module alone on the class path, so it also tells that the JDK is enough. */
    @Test
    void the_example_compiles_and_prints_what_the_page_says(@TempDir Path folder) throws Exception {
        var readme = Files.readString(Path.of("README.md"));
        var example = readme.substring(
                readme.indexOf("```java\n") + 8, readme.indexOf("\n```\n", readme.indexOf("```java\n")));
        var source = Files.writeString(folder.resolve("Example.java"), example);
        var said = new ByteArrayOutputStream();
        var compiler = ToolProvider.getSystemJavaCompiler();
        assertThat(compiler.run(null, said, said, "-cp", "target/classes", "-d", folder.toString(), source.toString()))
                .as(said.toString())
                .isZero();
        var java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        var out = folder.resolve("out");
        var process = new ProcessBuilder(List.of(java, "-cp", "target/classes:" + folder, "Example"))
                .redirectErrorStream(true)
                .redirectOutput(out.toFile())
                .start();
        assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
        assertThat(out).hasContent("entry 123 of 1000 is proven");
        assertThat(readme).contains("It prints `entry 123 of 1000 is proven`");
    }
}
