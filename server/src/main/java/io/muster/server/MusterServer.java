package io.muster.server;

import io.muster.server.embedded.DataFolder;
import io.muster.server.embedded.PostgresStart;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.springframework.aot.AotDetector;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;
import org.springframework.core.SpringProperties;

/** Starts the server: options, then the data folder's lock, then Spring. */
@SpringBootApplication
@ConfigurationPropertiesScan
public class MusterServer {
    private static final String CONFIG = "--muster.config=";

    public static void main(String[] args) {
        int status = 2;
        try {
            var settings = settings(args);
            status = 1;
            var folder = DataFolder.open(dataFolder(settings));
            var file = option(settings, CONFIG).map(Path::of).map(ConfigFile::read);
            if (!isUsual(settings, file)) SpringProperties.setProperty(AotDetector.AOT_ENABLED, "false");
            var application = new SpringApplication(MusterServer.class);
            file.ifPresent(given -> application.addInitializers(context -> given.addTo(context.getEnvironment())));
            application.addInitializers(context -> context.getBeanFactory().registerSingleton("dataFolder", folder));
            application.addInitializers(PostgresStart.early(folder));
            if (AotDetector
                    .useGeneratedArtifacts()) { // all beans are known: who looks for some by type need not look twice
                application.addInitializers(context ->
                        context.addBeanFactoryPostProcessor(ConfigurableListableBeanFactory::freezeConfiguration));
            }
            if (settings.contains("--muster.mode=demo")) { // whose inbox for alerts is here
                application.setDefaultProperties(Map.of("muster.outbound-allow", "127.0.0.0/8"));
            }
            var context = application.run(settings.toArray(String[]::new));
            if (context.getEnvironment().containsProperty("muster.train")) {
                AotTraining.visit(context);
                context.close();
            }
        } catch (SpringApplication.AbandonedRunException described) { // the build only wants to know the beans
            throw described;
        } catch (RuntimeException failure) {
            System.err.println("muster: " + StartFailure.oneLine(failure));
            System.exit(status);
        }
    }

    /** {@code --port 80} and {@code --port=80} become {@code --muster.port=80}; Spring's own settings pass as they are. */
    static List<String> settings(String... args) {
        var settings = new ArrayList<String>();
        for (int i = 0; i < args.length; i++) {
            var parts = args[i].split("=", 2);
            switch (parts[0]) {
                case "serve", "demo" -> settings.add("--muster.mode=" + args[i]);
                case "--port", "--host", "--data", "--config", "--break-after" -> {
                    if (parts.length < 2 && i + 1 == args.length) {
                        throw new IllegalArgumentException(args[i] + " needs a value");
                    }
                    var value = parts.length == 2 ? parts[1] : args[++i];
                    var name = parts[0].equals("--break-after") ? "demo.break-after" : parts[0].substring(2);
                    settings.add("--muster." + name + "=" + value);
                }
                default -> {
                    if (!parts[0].startsWith("--") || !parts[0].contains(".")) {
                        throw new IllegalArgumentException(
                                "unknown option " + args[i]
                                        + "; there are --port, --host, --data, --config, for the demo --break-after, and Spring's --a.b=c");
                    }
                    settings.add(args[i]);
                }
            }
        }
        return settings;
    }

    /**
     * Whether the beans are those that the build wrote down, which starts in half the time: not in the demo, and not when
     * somebody turns knobs of Spring's own, on which beans may depend. Ours choose no beans.
     */
    private static boolean isUsual(List<String> settings, Optional<ConfigFile> file) {
        return !settings.contains("--muster.mode=demo")
                && settings.stream().allMatch(setting -> setting.startsWith("--muster."))
                && System.getenv().keySet().stream().noneMatch(name -> name.matches("(SPRING|MANAGEMENT|SERVER)_.*"))
                && file.stream().noneMatch(ConfigFile::hasSpringsOwn);
    }

    /** Known before Spring starts, so never from a configuration file. */
    private static Path dataFolder(List<String> settings) {
        return Path.of(
                option(settings, "--muster.data=").orElse(System.getenv().getOrDefault("MUSTER_DATA", "./data")));
    }

    /** The last one stands. */
    private static Optional<String> option(List<String> settings, String prefix) {
        return settings.reversed().stream()
                .filter(setting -> setting.startsWith(prefix))
                .map(setting -> setting.substring(prefix.length()))
                .findFirst();
    }
}
