package io.muster.server.residency.bucket;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.muster.server.residency.bucket.StoreHttp.Answer;
import java.io.IOException;
import java.net.URI;
import java.security.GeneralSecurityException;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * A container of Azure Blob Storage, with the account's key or with a shared access signature (SAS).
 *
 * @see <a href="https://learn.microsoft.com/rest/api/storageservices/authorize-with-shared-key">Shared Key</a>
 */
final class AzureContainer implements Bucket {

    private static final String VERSION = "2021-12-02";
    private static final Pattern SAS = Pattern.compile("\\??[A-Za-z0-9%&=._~:+/,-]*\\bsig=[A-Za-z0-9%&=._~:+/,-]+");
    private static final Pattern ACCOUNT = Pattern.compile("[a-z0-9]{3,24}");
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern(
                    "EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    private final URI base;
    private final @Nullable SharedKey key;
    private final String sas;
    private final StoreHttp http;
    private final InstantSource clock;
    private final List<String> remarks = new ArrayList<>();

    private AzureContainer(URI base, @Nullable SharedKey key, String sas, StoreHttp http, InstantSource clock) {
        this.base = base;
        this.key = key;
        this.sas = sas;
        this.http = http;
        this.clock = clock;
    }

    static AzureContainer open(URI url, Login login, StoreHttp http, InstantSource clock) throws IOException {
        var path = url.getRawPath() == null ? "" : url.getRawPath();
        if (!(url.getScheme().equals("https") || url.getScheme().equals("http")) || path.length() < 2) {
            throw new IOException(
                    "an azure-blob store is reached by https://<account>.blob.core.windows.net/<container>");
        }
        var base = URI.create(url.getScheme() + "://" + url.getRawAuthority() + path.replaceFirst("/+$", ""));
        var password = login.password();
        if (password == null)
            throw new IOException("an azure-blob store needs a password: the account's key, or a SAS");
        if (SAS.matcher(password).matches()) {
            return new AzureContainer(base, null, password.replaceFirst("^\\?", ""), http, clock);
        }
        if (login.user() == null || !ACCOUNT.matcher(login.user()).matches()) {
            throw new IOException("an azure-blob store with a key needs the account's name as user");
        }
        try {
            var key = new SharedKey(login.user(), Base64.getDecoder().decode(password));
            return new AzureContainer(base, key, "", http, clock);
        } catch (IllegalArgumentException noBase64) {
            throw new IOException("the password is neither an account's key in base64 nor a SAS");
        }
    }

    /** Azure tells no region to those who may only read data; but whether all is copied to another one. */
    @Override
    public Said region() throws IOException {
        var answer = get(Map.of("restype", "account", "comp", "properties"));
        var kind = answer.status() == 200 ? answer.header("x-ms-sku-name") : "";
        if (kind.contains("GRS") || kind.contains("GZRS")) {
            remarks.add("the account (" + kind.replaceAll("[^A-Za-z0-9_]", "?")
                    + ") also copies all it holds to its paired region");
        }
        return new Said.Nothing();
    }

    @Override
    public void list(String prefix, Visitor visitor) throws IOException {
        var marker = "";
        do {
            var query = new HashMap<>(Map.of("restype", "container", "comp", "list", "maxresults", "1000"));
            if (!prefix.isEmpty()) query.put("prefix", prefix);
            if (!marker.isEmpty()) query.put("marker", marker);
            var answer = get(query);
            if (answer.status() != 200) throw Refusal.of("container", answer);
            var page = XmlAnswer.read(answer.body(), "Blob");
            if (!page.root().equals("EnumerationResults")) throw new IOException("the answer is no list of blobs");
            for (var blob : page.items()) {
                if (!isFolder(blob)) visitor.visit(entry(blob));
            }
            var next = page.text("NextMarker");
            if (!next.isEmpty() && next.equals(marker)) {
                throw new IOException("the list breaks off without a way to go on");
            }
            marker = next;
        } while (!marker.isEmpty());
    }

    /** Accounts with a hierarchy list their folders too. */
    private static boolean isFolder(Map<String, String> blob) {
        return "directory".equals(blob.get("Properties/ResourceType"));
    }

    private static Entry entry(Map<String, String> blob) throws IOException {
        try {
            var modified = blob.getOrDefault("Properties/Last-Modified", "");
            return new Entry(
                    blob.getOrDefault("Name", ""),
                    DateTimeFormatter.RFC_1123_DATE_TIME.parse(modified, Instant::from),
                    Long.parseLong(blob.getOrDefault("Properties/Content-Length", "0")));
        } catch (DateTimeException | NumberFormatException wrong) {
            throw new IOException("the list has a blob without a readable time or size", wrong);
        }
    }

    private Answer get(Map<String, String> parameters) throws IOException {
        var query = Query.of(parameters);
        var time = TIME.format(clock.instant());
        var headers = new HashMap<>(Map.of("x-ms-version", VERSION, "x-ms-date", time));
        if (key != null) headers.put("Authorization", key.authorization(base, query, time));
        return http.get(query.of(base, sas), headers);
    }

    @Override
    public List<String> remarks() {
        return remarks;
    }

    @Override
    public void close() {
        http.close();
    }

    /** Signs GET requests without a body. */
    private static final class SharedKey {

        private final String account;
        private final byte[] key;

        SharedKey(String account, byte[] key) {
            this.account = account;
            this.key = key;
        }

        String authorization(URI base, Query query, String time) {
            // GET, then eleven standard headers, all of them absent
            var toSign = new StringBuilder("GET\n").append("\n".repeat(11));
            toSign.append("x-ms-date:").append(time).append('\n');
            toSign.append("x-ms-version:").append(VERSION).append('\n');
            toSign.append('/').append(account).append(base.getRawPath());
            query.parameters()
                    .forEach((name, value) ->
                            toSign.append('\n').append(name).append(':').append(value));
            try {
                var mac = Mac.getInstance("HmacSHA256");
                mac.init(new SecretKeySpec(key, "HmacSHA256"));
                var signature = Base64.getEncoder()
                        .encodeToString(mac.doFinal(toSign.toString().getBytes(UTF_8)));
                return "SharedKey " + account + ":" + signature;
            } catch (GeneralSecurityException impossible) {
                throw new IllegalStateException(impossible);
            }
        }
    }
}
