package io.muster.server.problem;

import java.net.URI;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.ProblemDetail;

/**
 * A caller's mistake, or what keeps us from serving, as it goes back to the caller. Each {@code name} has a page of its
 * own, {@code src/main/resources/problems/<name>.md}; several problems may share one.
 */
public class Problem extends RuntimeException {

    private static final long serialVersionUID = 1;

    private final HttpStatus status;
    private final String name;
    private final transient Map<String, Object> members = new LinkedHashMap<>();
    private @Nullable Duration retryAfter;

    /** The detail says how to mend it. */
    public Problem(HttpStatus status, String name, String detail) {
        super(detail, null, false, false); // an answer, not a fault: no stack trace
        this.status = status;
        this.name = name;
    }

    /** 400: not what the media type's grammar or the address allows. */
    public static Problem badRequest(String detail) {
        return new Problem(HttpStatus.BAD_REQUEST, "bad_request", detail);
    }

    /** 403: known, but not allowed. */
    public static Problem forbidden(String detail) {
        return new Problem(HttpStatus.FORBIDDEN, "forbidden", detail);
    }

    /** 404: unknown, or not the caller's: the same answer for both. */
    public static Problem notFound(String detail) {
        return new Problem(HttpStatus.NOT_FOUND, "not_found", detail);
    }

    /** 409. */
    public static Problem conflict(String detail) {
        return new Problem(HttpStatus.CONFLICT, "conflict", detail);
    }

    /** 409: {@code usedBy} names what refers to it, such as {@code tenants/acme}; only the first 100 are shown. */
    public static Problem inUse(String detail, List<String> usedBy) {
        return new Problem(HttpStatus.CONFLICT, "in_use", detail)
                .with("used_by", List.copyOf(usedBy.subList(0, Math.min(100, usedBy.size()))))
                .with("used_by_total", usedBy.size());
    }

    /** 412: {@code If-Match} does not fit. */
    public static Problem preconditionFailed(String detail) {
        return new Problem(HttpStatus.PRECONDITION_FAILED, "precondition_failed", detail);
    }

    /** 413: more than {@code limit} bytes. */
    public static Problem tooLarge(long limit) {
        return new Problem(HttpStatus.CONTENT_TOO_LARGE, "too_large", "The body may have " + limit + " bytes at most.")
                .with("limit", limit);
    }

    /** 415. */
    public static Problem unsupportedMediaType(String detail) {
        return new Problem(HttpStatus.UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", detail);
    }

    /** 429: this caller asks too often. */
    public static Problem tooMany(Duration retryAfter, String detail) {
        return new Problem(HttpStatus.TOO_MANY_REQUESTS, "too_many", detail).retryAfter(retryAfter);
    }

    /** 503: we cannot now, whoever asks. */
    public static Problem busy(Duration retryAfter, String detail) {
        return new Problem(HttpStatus.SERVICE_UNAVAILABLE, "busy", detail).retryAfter(retryAfter);
    }

    /** Adds a member to the answer. */
    public Problem with(String member, Object value) {
        members.put(member, value);
        return this;
    }

    /** Adds {@code Retry-After}, in whole seconds, at least 1. */
    public Problem retryAfter(Duration wait) {
        retryAfter = wait;
        return this;
    }

    public HttpStatus status() {
        return status;
    }

    public String name() {
        return name;
    }

    /** The answer's body. */
    public ProblemDetail detail() {
        var detail = ProblemDetail.forStatusAndDetail(status, String.valueOf(getMessage()));
        detail.setType(URI.create("/problems/" + name));
        members.forEach(detail::setProperty);
        return detail;
    }

    /** The answer's headers beside its type. */
    public Map<String, String> headers() {
        return retryAfter == null
                ? Map.of()
                : Map.of(
                        "Retry-After",
                        Long.toString(Math.max(1, retryAfter.plusMillis(999).toSeconds())));
    }
}
