package io.muster.server.residency.bucket;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.muster.server.keys.SigV4;
import io.muster.server.residency.bucket.StoreHttp.Answer;
import java.io.IOException;
import java.net.URI;
import java.net.URLDecoder;
import java.time.Instant;
import java.time.InstantSource;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A bucket of Amazon S3, or of a server that speaks its language: MinIO, Ceph and others. */
final class S3Bucket implements Bucket {

    private static final Pattern REGION = Pattern.compile("[a-z0-9][a-z0-9-]{0,62}");
    private static final Pattern AWS =
            Pattern.compile("(?:.*\\.)?s3[.-](?:dualstack\\.)?([a-z0-9-]+)\\.amazonaws\\.com(?:\\.cn)?");

    private final URI base;
    private final boolean ofAws;
    private final StoreHttp http;
    private final InstantSource clock;
    private final List<String> remarks = new ArrayList<>();
    private @Nullable SigV4 signer;

    private S3Bucket(URI base, @Nullable SigV4 signer, StoreHttp http, InstantSource clock) {
        this.base = base;
        this.ofAws = base.getHost().endsWith(".amazonaws.com") || base.getHost().endsWith(".amazonaws.com.cn");
        this.signer = signer;
        this.http = http;
        this.clock = clock;
    }

    /** {@code s3://bucket} is at Amazon in {@code region}; any other is asked as it stands: host, and bucket as path. */
    static S3Bucket open(URI url, Login login, String region, StoreHttp http, InstantSource clock) throws IOException {
        var base = url;
        if (url.getScheme().equals("s3")) {
            if (!REGION.matcher(region).matches()) throw new IOException("s3:// needs a region of Amazon's");
            var domain = region.startsWith("cn-") ? ".amazonaws.com.cn/" : ".amazonaws.com/";
            base = URI.create("https://s3." + region + domain + url.getHost());
        } else if (!url.getScheme().equals("https") && !url.getScheme().equals("http")) {
            throw new IOException("an s3 store is reached by s3://, https:// or http://");
        }
        if ((login.user() == null) != (login.password() == null)) {
            throw new IOException("an s3 store needs both user (access key) and password (secret key), or neither");
        }
        var path = String.valueOf(base.getRawPath()).replaceFirst("/+$", "");
        base = URI.create(base.getScheme() + "://" + base.getRawAuthority() + path);
        var aws = AWS.matcher(base.getHost());
        var signer = login.user() == null || login.password() == null
                ? null
                : new SigV4(login.user(), login.password(), aws.matches() ? aws.group(1) : region, "s3");
        return new S3Bucket(base, signer, http, clock);
    }

    @Override
    public Said region() throws IOException {
        var answer = get(Query.of("location"));
        if (answer.status() == 200) {
            var location = XmlAnswer.read(answer.body(), "").text("").strip();
            if (location.equals("EU")) return new Said.Named("eu-west-1", ofAws);
            if (!location.isEmpty()) return new Said.Named(location, ofAws);
            return ofAws ? new Said.Named("us-east-1", true) : new Said.Nothing();
        }
        // Not allowed to ask, or asked at the wrong place: the refusal itself names the region.
        var header = answer.header("x-amz-bucket-region");
        return header.isEmpty() ? new Said.Nothing() : new Said.Named(header, ofAws);
    }

    @Override
    public void list(String prefix, Visitor visitor) throws IOException {
        if (keepsVersions()) {
            remarks.add("the bucket keeps versions: deleted and earlier ones count too");
            listVersions(prefix, visitor);
        } else {
            listObjects(prefix, visitor);
        }
    }

    private void listObjects(String prefix, Visitor visitor) throws IOException {
        var token = "";
        do {
            var query = new HashMap<>(
                    Map.of("list-type", "2", "encoding-type", "url", "max-keys", "1000", "prefix", prefix));
            if (!token.isEmpty()) query.put("continuation-token", token);
            var page = page(query, "ListBucketResult", "Contents", visitor);
            token = next(page, "NextContinuationToken", token);
        } while (!token.isEmpty());
    }

    private void listVersions(String prefix, Visitor visitor) throws IOException {
        var key = "";
        var version = "";
        do {
            var query =
                    new HashMap<>(Map.of("versions", "", "encoding-type", "url", "max-keys", "1000", "prefix", prefix));
            if (!key.isEmpty()) query.put("key-marker", key);
            if (!version.isEmpty()) query.put("version-id-marker", version);
            var page = page(query, "ListVersionsResult", "Version", visitor);
            var nextVersion = page.text("NextVersionIdMarker");
            var nextKey = decoded(page, next(page, "NextKeyMarker", nextVersion.equals(version) ? key : ""));
            key = nextKey;
            version = nextVersion;
        } while (!key.isEmpty());
    }

    private XmlAnswer page(Map<String, String> query, String root, String item, Visitor visitor) throws IOException {
        var answer = get(Query.of(query));
        if (answer.status() != 200) throw Refusal.of("bucket", answer);
        var page = XmlAnswer.read(answer.body(), item);
        if (!page.root().equals(root))
            throw new IOException("the answer is no list of objects but " + shown(page.root()));
        for (var object : page.items()) {
            visitor.visit(entry(page, object));
        }
        return page;
    }

    /** Empty at the end; a page that leads to itself would never end. */
    private static String next(XmlAnswer page, String member, String before) throws IOException {
        if (!page.text("IsTruncated").equals("true")) return "";
        var next = page.text(member);
        if (next.isEmpty() || next.equals(before)) throw new IOException("the list breaks off without a way to go on");
        return next;
    }

    private static Entry entry(XmlAnswer page, Map<String, String> object) throws IOException {
        try {
            return new Entry(
                    decoded(page, object.getOrDefault("Key", "")),
                    Instant.parse(object.getOrDefault("LastModified", "")),
                    Long.parseLong(object.getOrDefault("Size", "0")));
        } catch (DateTimeParseException | IllegalArgumentException wrong) {
            throw new IOException("the list has an object without a readable key, time or size", wrong);
        }
    }

    private static String decoded(XmlAnswer page, String text) {
        return page.text("EncodingType").equals("url") ? URLDecoder.decode(text, UTF_8) : text;
    }

    /** What was deleted in such a bucket is only hidden, and still where it was. */
    private boolean keepsVersions() throws IOException {
        var answer = get(Query.of("versioning"));
        if (answer.status() == 200) {
            var versioning = XmlAnswer.read(answer.body(), "");
            return versioning.root().equals("VersioningConfiguration")
                    && !versioning.text("Status").isEmpty();
        }
        remarks.add("the bucket does not tell whether it keeps versions of what was deleted");
        return false;
    }

    /** Once more with the region that the server wants in signatures, if it names one. */
    private Answer get(Query query) throws IOException {
        var answer = send(query);
        if (answer.status() != 400 || signer == null) return answer;
        var wanted = Refusal.told(answer, "Region");
        if (!REGION.matcher(wanted).matches() || wanted.equals(signer.region())) return answer;
        signer = signer.in(wanted);
        return send(query);
    }

    private Answer send(Query query) throws IOException {
        var uri = query.of(base, "");
        return http.get(uri, signer == null ? Map.of() : signer.headers(uri, clock.instant()));
    }

    private static String shown(String text) {
        return text.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]", "?");
    }

    @Override
    public List<String> remarks() {
        return remarks;
    }

    @Override
    public void close() {
        http.close();
    }
}
