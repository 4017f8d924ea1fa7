package io.muster.server.problem;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.tomcat.util.http.InvalidParameterException;
import org.jspecify.annotations.Nullable;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.MediaType;
import org.springframework.http.server.PathContainer;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;
import org.springframework.web.util.pattern.PathPattern;
import org.springframework.web.util.pattern.PathPatternParser;

/**
 * Refuses what no controller should see: addresses and bodies that are no text though they should be, and bodies beyond
 * their limit. The Healthchecks-compatible API has rules of its own for both.
 */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE + 20)
class InputFilter extends OncePerRequestFilter {

    private static final Pattern RULES_OF_ITS_OWN =
            Pattern.compile("/(ping|fail|badge|b)/.*|/api/v[123]/(checks|channels|badges|status|metrics)(/.*)?");

    private record Limit(PathPattern path, long bytes) {}

    private final List<Limit> limits;

    InputFilter(List<BodyLimit> limits) {
        this.limits = limits.stream()
                .map(limit -> new Limit(PathPatternParser.defaultInstance.parse(limit.path()), limit.bytes()))
                .toList();
    }

    @Override
    protected boolean shouldNotFilter(HttpServletRequest request) {
        return RULES_OF_ITS_OWN.matcher(request.getRequestURI()).matches();
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        checkAddress(request.getRequestURI());
        checkAddress(request.getQueryString());
        long limit = limit(request.getRequestURI());
        if (request.getContentLengthLong() > limit) throw Problem.tooLarge(limit);
        var text = text(request.getContentType());
        if (isForm(request.getContentType())) checkForm(request, limit);
        chain.doFilter(new CheckedRequest(request, limit, text), response);
    }

    private long limit(String path) {
        var parsed = PathContainer.parsePath(path);
        return limits.stream()
                .filter(limit -> limit.path().matches(parsed))
                .mapToLong(Limit::bytes)
                .findFirst()
                .orElse(BodyLimit.USUAL);
    }

    /** Percent signs must stand before two hexadecimal digits; what they encode must be UTF-8 without NUL. */
    private static void checkAddress(@Nullable String encoded) {
        if (encoded == null || encoded.indexOf('%') < 0) return;
        var check = TextCheck.plain();
        try {
            for (int i = 0; i < encoded.length(); i++) {
                int c = encoded.charAt(i);
                if (c == '%') {
                    c = i + 2 < encoded.length()
                            ? Character.digit(encoded.charAt(i + 1), 16) * 16
                                    + Character.digit(encoded.charAt(i + 2), 16)
                            : -1;
                    if (c < 0) throw new BrokenBody(Problem.badRequest(""));
                    i += 2;
                }
                check.accept(c & 0xff);
            }
            check.end();
        } catch (BrokenBody broken) {
            throw Problem.badRequest("The address is not percent-encoded UTF-8 without NUL: encode it again.");
        }
    }

    private static boolean isForm(@Nullable String contentType) {
        return contentType != null
                && contentType.strip().toLowerCase(Locale.ROOT).startsWith(MediaType.APPLICATION_FORM_URLENCODED_VALUE);
    }

    /** Tomcat reads forms itself, past any stream of ours: what it made of them is looked at. */
    private static void checkForm(HttpServletRequest request, long limit) throws BrokenBody {
        try {
            for (var field : request.getParameterMap().entrySet()) {
                if (Stream.concat(Stream.of(field.getKey()), Stream.of(field.getValue()))
                        .anyMatch(text -> text.indexOf('\0') >= 0)) {
                    throw TextCheck.broken("holds a NUL character");
                }
            }
        } catch (InvalidParameterException wrong) {
            if (wrong.getErrorCode() == HttpServletResponse.SC_REQUEST_ENTITY_TOO_LARGE) throw Problem.tooLarge(limit);
            throw Problem.badRequest("The form is not percent-encoded, or has too many fields: encode it again.");
        }
    }

    private static @Nullable TextCheck text(@Nullable String contentType) {
        if (contentType == null) return null;
        try {
            var type = MediaType.parseMediaType(contentType);
            var name = type.getSubtype().toLowerCase(Locale.ROOT);
            var json = name.equals("json") || name.endsWith("+json") || name.endsWith("ndjson");
            if (!json && !name.contains("yaml") && !type.getType().equals("text")) return null;
            if (type.getCharset() != null && !type.getCharset().equals(StandardCharsets.UTF_8)) {
                throw Problem.unsupportedMediaType("Text must be UTF-8: leave the charset out of Content-Type.");
            }
            return json ? TextCheck.json() : TextCheck.plain();
        } catch (IllegalArgumentException notOne) {
            throw Problem.unsupportedMediaType("Content-Type is not a media type.");
        }
    }

    /** Its body fails to be read where it is wrong. */
    private static final class CheckedRequest extends HttpServletRequestWrapper {
        private final long limit;
        private final @Nullable TextCheck text;
        private @Nullable ServletInputStream stream;

        CheckedRequest(HttpServletRequest request, long limit, @Nullable TextCheck text) {
            super(request);
            this.limit = limit;
            this.text = text;
        }

        @Override
        public ServletInputStream getInputStream() throws IOException {
            if (stream == null) stream = new CheckedStream(super.getInputStream(), limit, text);
            return stream;
        }

        @Override
        public BufferedReader getReader() throws IOException {
            return new BufferedReader(new InputStreamReader(getInputStream(), StandardCharsets.UTF_8));
        }
    }

    private static final class CheckedStream extends ServletInputStream {
        private final ServletInputStream body;
        private final long limit;
        private final @Nullable TextCheck text;
        private long read;

        CheckedStream(ServletInputStream body, long limit, @Nullable TextCheck text) {
            this.body = body;
            this.limit = limit;
            this.text = text;
        }

        @Override
        public int read() throws IOException {
            var one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] bytes, int from, int length) throws IOException {
            int n = body.read(bytes, from, length);
            if (n < 0) {
                if (text != null) text.end();
                return n;
            }
            read += n;
            if (read > limit) throw new BrokenBody(Problem.tooLarge(limit));
            if (text != null) {
                for (int i = from; i < from + n; i++) {
                    text.accept(bytes[i] & 0xff);
                }
            }
            return n;
        }

        @Override
        public boolean isFinished() {
            return body.isFinished();
        }

        @Override
        public boolean isReady() {
            return body.isReady();
        }

        @Override
        public void setReadListener(ReadListener listener) {
            body.setReadListener(listener);
        }
    }
}
