package io.muster.server.audit;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.muster.server.access.Access;
import io.muster.server.access.ApiKeys;
import io.muster.server.access.Caller;
import io.muster.server.audit.Ingest.Answer;
import io.muster.server.audit.Ingest.Sending;
import io.muster.server.problem.Problem;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Semaphore;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpStatus;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * {@code POST /api/v1/audit/events} with an API key that may: before Spring's security and dispatching, which would cost more than the
 * event. Whoever has no such key is left to them.
 */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE + 30)
class IngestFilter extends OncePerRequestFilter {

    static final String PATH = "/api/v1/audit/events";

    private static final int LARGEST_ARRAY = 16 << 20;

    /** Events of one NDJSON body. */
    static final int MOST_LINES = 250_000;

    private static final int CHUNK_LINES = 500;
    private static final int CHUNK_BYTES = 4 << 20;

    /** KiB of bodies in memory at a time; who finds no room is told to come back. */
    private static final int ROOM = 96 << 10;

    private static final int STREAMS = 4;
    private static final Pattern KEY = Pattern.compile("[\\x21-\\x7e]{1,255}");

    private final Ingest ingest;
    private final ApiKeys keys;
    private final Access access;
    private final Semaphore room = new Semaphore(ROOM);
    private final Semaphore streams = new Semaphore(STREAMS);

    IngestFilter(Ingest ingest, ApiKeys keys, Access access) {
        this.ingest = ingest;
        this.keys = keys;
        this.access = access;
    }

    @Override
    protected boolean shouldNotFilter(HttpServletRequest request) {
        return !request.getRequestURI().equals(PATH) || !request.getMethod().equals("POST");
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        var caller = ApiKeys.sent(request)
                .flatMap(key -> keys.findQuickly(key, request.getRemoteAddr(), request.getHeader("User-Agent")))
                .filter(Caller::mayAppend);
        if (caller.isEmpty()) {
            chain.doFilter(request, response);
            return;
        }
        access.become(caller.get());
        try {
            serve(request, response, caller.get());
        } finally {
            SecurityContextHolder.clearContext();
        }
    }

    void serve(HttpServletRequest request, HttpServletResponse response, Caller by) throws IOException {
        var key = request.getHeader("Idempotency-Key");
        if (key != null && !KEY.matcher(key).matches()) {
            throw Problem.badRequest("Idempotency-Key must be 1 to 255 visible ASCII characters.");
        }
        switch (mediaType(request)) {
            case "application/json" -> {
                int taken = 0;
                try {
                    var body = new Body(Math.max(request.getContentLengthLong(), 0));
                    taken = take(body.expected());
                    body.read(request.getInputStream(), LARGEST_ARRAY);
                    if (body.length() / 1024 > taken) {
                        int more = take(body.length() - taken * 1024L);
                        taken += more;
                    }
                    var answers = ingest.take(new Sending(by, key, body.bytes(), body.length()));
                    if (body.isArray()) {
                        answer(response, ingest.status(answers), ingest.many(answers));
                    } else {
                        var one = ingest.one(answers.getFirst());
                        boolean again = answers.getFirst() instanceof Answer.Receipt receipt && receipt.duplicate();
                        answer(response, again ? HttpStatus.OK : HttpStatus.CREATED, one);
                    }
                } finally {
                    room.release(taken);
                }
            }
            case "application/x-ndjson" -> {
                if (!streams.tryAcquire()) throw Ingest.full();
                try {
                    var answers = lines(request.getInputStream(), by, key);
                    if (answers.isEmpty()) throw Problem.badRequest("There is no line in it.");
                    answer(response, ingest.status(answers), ingest.many(answers));
                } finally {
                    streams.release();
                }
            }
            default ->
                throw Problem.unsupportedMediaType(
                        "Send application/json (an event, or an array) or application/x-ndjson (an event a line).");
        }
    }

    private static String mediaType(HttpServletRequest request) {
        var type = request.getContentType();
        if (type == null) return "";
        int end = type.indexOf(';');
        return (end < 0 ? type : type.substring(0, end)).strip().toLowerCase(Locale.ROOT);
    }

    private int take(long bytes) {
        int kib = (int) Math.min(ROOM, bytes / 1024 + 1);
        if (!room.tryAcquire(kib)) throw Ingest.full();
        return kib;
    }

    /**
     * In parts, each durable before the next is read: so a client that loses its connection loses no more than its answer. Where one
     * cannot be stored now, the receipts of those before are answered all the same, and the rest is not tried.
     */
    private List<Answer> lines(InputStream in, Caller by, @Nullable String key) throws IOException {
        var answers = new ArrayList<Answer>();
        var body = new Lines(in, EventReader.LARGEST);
        var lines = new ArrayList<byte[]>();
        Problem notNow = null;
        int bytes = 0;
        for (var line = body.next(); line != null; line = body.next()) {
            lines.add(line);
            bytes += line.length;
            if (lines.size() == CHUNK_LINES || bytes > CHUNK_BYTES) {
                notNow = flush(lines, answers, by, key, notNow);
                bytes = 0;
            }
        }
        flush(lines, answers, by, key, notNow);
        return answers;
    }

    /**
     * @param notNow why earlier ones could not be stored, nor are these
     * @return why these could not; null: they could
     */
    private @Nullable Problem flush(
            List<byte[]> lines, List<Answer> answers, Caller by, @Nullable String key, @Nullable Problem notNow) {
        if (lines.isEmpty()) return notNow;
        var refusal = answers.size() + lines.size() > MOST_LINES ? tooMany() : notNow;
        if (refusal == null) {
            try {
                answers.addAll(ingest.takeLines(by, key == null ? null : key + "\n" + answers.size(), lines));
            } catch (Problem whole) {
                if (answers.isEmpty()) throw whole;
                refusal = whole;
            }
        }
        if (refusal != null) answers.addAll(Collections.nCopies(lines.size(), new Answer.Refusal(refusal)));
        lines.clear();
        return refusal;
    }

    private static Problem tooMany() {
        return new Problem(
                HttpStatus.CONTENT_TOO_LARGE,
                "too_large",
                "A body may hold " + MOST_LINES + " events: send this one in another.");
    }

    private static void answer(HttpServletResponse response, HttpStatus status, CharSequence json) throws IOException {
        var bytes = json.toString().getBytes(UTF_8);
        response.setStatus(status.value());
        response.setContentType("application/json");
        response.setContentLength(bytes.length);
        response.getOutputStream().write(bytes);
    }

    /** A body in memory. */
    private static final class Body {
        private byte[] bytes;
        private int length;

        Body(long expected) {
            if (expected > LARGEST_ARRAY) throw Problem.tooLarge(LARGEST_ARRAY);
            this.bytes = new byte[expected > 0 ? (int) expected : 8 << 10];
        }

        int expected() {
            return bytes.length;
        }

        void read(InputStream in, int limit) throws IOException {
            while (true) {
                if (length == bytes.length) {
                    int next = in.read();
                    if (next < 0) return;
                    if (length == limit) throw Problem.tooLarge(limit);
                    bytes = Arrays.copyOf(bytes, Math.min(limit, length * 2));
                    bytes[length++] = (byte) next;
                    continue;
                }
                int n = in.read(bytes, length, bytes.length - length);
                if (n < 0) return;
                length += n;
            }
        }

        byte[] bytes() {
            return bytes;
        }

        int length() {
            return length;
        }

        boolean isArray() {
            for (int i = 0; i < length; i++) {
                if (bytes[i] != ' ' && bytes[i] != '\n' && bytes[i] != '\r' && bytes[i] != '\t') return bytes[i] == '[';
            }
            return false;
        }
    }
}
