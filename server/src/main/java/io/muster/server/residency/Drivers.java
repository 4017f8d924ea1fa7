package io.muster.server.residency;

import io.muster.server.embedded.CannotStart;
import io.muster.server.embedded.DataFolder;
import io.muster.server.embedded.ReadFirst;
import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.sql.Driver;
import java.time.Duration;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

/**
 * JDBC drivers of other databases than PostgreSQL. None is shipped: the first look that needs one takes its jar from {@code
 * drivers/} of the data folder, where an operator may have put it, or fetches it from {@code MUSTER_DRIVERS_FROM}. Only the
 * very file whose SHA-256 stands here is loaded, in a class loader of its own, which sees the JDK and nothing of ours.
 */
@ReadFirst
@Component
class Drivers {

    private static final Logger log = LoggerFactory.getLogger(Drivers.class);
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int LARGEST = 16 << 20;

    /** Versions are those of Spring Boot's list; a test compares the checksums with what Maven has. */
    enum Jar {
        MARIADB(
                "org/mariadb/jdbc/mariadb-java-client/3.5.10/mariadb-java-client-3.5.10.jar",
                "919b8c1c771d9ee3465811462f242c9543ab401e140c64988ddbf1d8abcb18b2",
                "org.mariadb.jdbc.Driver"),
        SQLSERVER(
                "com/microsoft/sqlserver/mssql-jdbc/13.4.0.jre11/mssql-jdbc-13.4.0.jre11.jar",
                "e36f5237c1267983e5b88dc2169f6b9d7e50eceec6dc1ca31018e3877e14af66",
                "com.microsoft.sqlserver.jdbc.SQLServerDriver");

        final String path;
        final String sha256;
        final String driver;

        /** @param path in a Maven repository */
        Jar(String path, String sha256, String driver) {
            this.path = path;
            this.sha256 = sha256;
            this.driver = driver;
        }

        String file() {
            return path.substring(path.lastIndexOf('/') + 1);
        }
    }

    private final Path folder;
    private final String from;

    /** Guarded by this. */
    private final Map<Jar, Driver> loaded = new EnumMap<>(Jar.class);

    /** @param from a Maven repository; blank: nothing is ever fetched */
    Drivers(DataFolder data, @Value("${muster.drivers-from:https://repo.maven.apache.org/maven2}") String from) {
        this.folder = data.path().resolve("drivers");
        this.from = from.strip().replaceFirst("/+$", "");
        if (!this.from.matches("|https?://[^\\s/].*")) {
            throw new CannotStart("MUSTER_DRIVERS_FROM must be the address of a Maven repository, such as"
                    + " https://repo.maven.apache.org/maven2, or empty; got " + from);
        }
    }

    synchronized Driver driver(Jar jar) throws ProvesNothing {
        var known = loaded.get(jar);
        if (known != null) return known;
        try {
            var file = folder.resolve(jar.file());
            if (!Files.exists(file)) fetch(jar, file);
            if (Files.size(file) > LARGEST || !sha256(Files.readAllBytes(file)).equals(jar.sha256)) {
                throw new ProvesNothing(
                        file + " is not the driver that it should be: its SHA-256 must be " + jar.sha256);
            }
            var driver = load(jar, file);
            loaded.put(jar, driver);
            return driver;
        } catch (IOException failure) {
            throw new ProvesNothing("the driver " + jar.file() + " cannot be had: " + failure.getMessage());
        }
    }

    private static Driver load(Jar jar, Path file) throws IOException {
        try {
            var loader = new URLClassLoader(new URL[] {url(file)}, ClassLoader.getPlatformClassLoader());
            return (Driver)
                    loader.loadClass(jar.driver).getDeclaredConstructor().newInstance();
        } catch (ReflectiveOperationException | LinkageError unusable) {
            throw new IOException("it cannot be loaded: " + unusable, unusable);
        }
    }

    private static URL url(Path file) throws MalformedURLException {
        return file.toAbsolutePath().toUri().toURL();
    }

    /** Nothing is at {@code file} before its checksum is right. */
    private void fetch(Jar jar, Path file) throws IOException, ProvesNothing {
        if (from.isEmpty()) {
            throw new ProvesNothing(
                    "put " + jar.file() + " into " + folder + " (MUSTER_DRIVERS_FROM is empty: none is fetched)");
        }
        var source = from + "/" + jar.path;
        var bytes = get(source);
        if (bytes == null || !sha256(bytes).equals(jar.sha256)) {
            throw new ProvesNothing("what " + source + " answers is not the driver that it should be; or put "
                    + jar.file() + " into " + folder);
        }
        Files.createDirectories(folder);
        var whole = Files.createTempFile(folder, jar.file(), ".part");
        Files.write(whole, bytes);
        Files.move(whole, file, StandardCopyOption.ATOMIC_MOVE);
        log.info("fetched the driver {} from {}", jar.file(), source);
    }

    private static byte @Nullable [] get(String source) throws IOException {
        try (var client = HttpClient.newBuilder()
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(Duration.ofSeconds(5))
                .build()) {
            var answer = client.send(
                    HttpRequest.newBuilder(URI.create(source)).timeout(PATIENCE).build(),
                    BodyHandlers.limiting(BodyHandlers.ofByteArray(), LARGEST));
            return answer.statusCode() == 200 ? answer.body() : null;
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
            throw new IOException("the server is stopping", stopping);
        } catch (IOException | IllegalArgumentException failure) {
            throw new IOException("no answer from " + source + ": " + failure, failure);
        }
    }

    private static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
