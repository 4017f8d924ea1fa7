package io.muster.server.heartbeat;

import io.muster.server.access.Projects;
import io.muster.server.access.Proxies;
import io.muster.server.groupcommit.Busy;
import io.muster.server.groupcommit.GroupCommit;
import io.muster.server.heartbeat.Ping.Target;
import io.muster.server.heartbeat.PingAnswer.Ambiguous;
import io.muster.server.heartbeat.PingAnswer.Dropped;
import io.muster.server.heartbeat.PingAnswer.NoSuchCheck;
import io.muster.server.heartbeat.PingAnswer.Recorded;
import io.muster.server.heartbeat.PingPath.Address.OfCheck;
import io.muster.server.heartbeat.PingPath.Address.OfProject;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.transaction.TransactionException;

/**
 * Takes pings in: {@code /ping/**} and {@code /fail/{uuid}}. A filter before all others, so that nothing looks at a ping
 * but this: no session, no security, and nobody who would ask for a parameter and thereby eat the body.
 */
class PingFilter implements Filter {

    private static final Logger log = LoggerFactory.getLogger(PingFilter.class);

    /** More than the ordinary limit is read of so many bodies at a time; that bounds the memory that they take. */
    private static final int LONG_BODIES = 64;

    private static final int LONGEST_USER_AGENT = 200;
    private static final int LONGEST_SCHEME = 10;
    /** As {@code Cache-Control}: of pings and of badges. */
    static final String NEVER_KEPT = "max-age=0, no-cache, no-store, must-revalidate, private";

    private static final String RETRY_AFTER = "2";
    private static final byte[] NOTHING = {};

    private static final byte[] OK = ascii("OK");
    private static final byte[] CREATED = ascii("Created");

    /** Why a request is not stored as a ping. */
    private static final class NoPing extends Exception {

        private static final long serialVersionUID = 1;
        private final int status;

        NoPing(int status, String text) {
            super(text, null, false, false);
            this.status = status;
        }
    }

    private final GroupCommit<Ping, PingAnswer> commits;
    private final CheckRepository checks;
    private final Projects projects;
    private final Proxies proxies;
    private final InstantSource clock;
    private final @Nullable Integer ordinaryLimit;
    private final String ordinaryLimitHeader;
    private final Duration patience;
    private final boolean softErrors;
    private final Semaphore longBodies = new Semaphore(LONG_BODIES);

    PingFilter(
            GroupCommit<Ping, PingAnswer> commits,
            CheckRepository checks,
            Projects projects,
            Proxies proxies,
            InstantSource clock,
            PingProperties settings) {
        this.commits = commits;
        this.checks = checks;
        this.projects = projects;
        this.proxies = proxies;
        this.clock = clock;
        this.ordinaryLimit = settings.limit();
        this.ordinaryLimitHeader = String.valueOf(ordinaryLimit);
        this.patience = settings.patience();
        this.softErrors = settings.softErrors();
    }

    @Override
    public void doFilter(ServletRequest request, ServletResponse response, FilterChain unused) throws IOException {
        var ping = (HttpServletRequest) request;
        var answer = (HttpServletResponse) response;
        try {
            serve(ping, answer);
        } catch (NoPing wrong) {
            if (wrong.status == HttpServletResponse.SC_SERVICE_UNAVAILABLE)
                answer.setHeader("Retry-After", RETRY_AFTER);
            answer(answer, wrong.status, ascii(String.valueOf(wrong.getMessage())));
        } catch (PingBody.Broken broken) {
            answer.setHeader("Connection", "close");
            answer(answer, broken.status(), ascii(String.valueOf(broken.getMessage())));
        } catch (Busy | DataAccessException | TransactionException away) {
            log.debug("a ping was not stored: {}", away.toString());
            answer.setHeader("Retry-After", RETRY_AFTER);
            answer(answer, HttpServletResponse.SC_SERVICE_UNAVAILABLE, ascii("busy, try again"));
        }
    }

    private void serve(HttpServletRequest request, HttpServletResponse response) throws IOException, NoPing {
        switch (request.getMethod()) {
            case "GET", "HEAD", "POST", "PUT", "PATCH" -> {}
            case "OPTIONS" -> {
                response.setHeader("Access-Control-Allow-Origin", "*");
                response.setHeader("Access-Control-Allow-Methods", "GET, HEAD, POST, PUT, PATCH, OPTIONS");
                response.setStatus(HttpServletResponse.SC_NO_CONTENT);
                return;
            }
            case String other -> {
                if (other.length() > 10) throw new NoPing(400, "unknown method");
                response.setHeader("Allow", "GET, HEAD, POST, PUT, PATCH, OPTIONS");
                throw new NoPing(405, "method not allowed");
            }
        }
        var path = PingPath.parse(request.getServletPath()).orElseThrow(() -> new NoPing(404, "not found"));
        var query = PingQuery.parse(request.getQueryString());
        var wait = new Wait(patience);
        var target = target(path, query, wait);
        if (path.exit() != null && path.exit() == PingPath.TOO_BIG)
            throw badIfKnown(target, "invalid url format", wait);
        if (query.ridIsWrong()) throw badIfKnown(target, "invalid uuid format", wait);
        var scheme = proxies.originScheme(request);
        if (scheme.length() > LONGEST_SCHEME) throw badIfKnown(target, "invalid scheme", wait);

        var answer = record(request, path, query, target, scheme, wait);
        switch (answer) {
            case Recorded recorded -> recorded(response, recorded);
            case Dropped _ -> throw new NoPing(200, "OK (rate limited)");
            case NoSuchCheck _ -> throw unknown(target);
            case Ambiguous _ -> throw new NoPing(409, "ambiguous slug");
        }
    }

    private Target target(PingPath path, PingQuery query, Wait wait) throws NoPing {
        return switch (path.address()) {
            case OfCheck(var uuid) -> new Target.ByUuid(uuid);
            case OfProject(var pingKey, var slug) -> {
                if (!slug.equals(slug.toLowerCase(Locale.ROOT))) throw new NoPing(400, "invalid url format");
                var project =
                        wait.ask(() -> projects.byPingKey(pingKey)).orElseThrow(() -> new NoPing(404, "not found"));
                yield new Target.BySlug(project.id(), slug, query.create());
            }
        };
    }

    /** An unknown check is the greater mistake; a check that would be created is not created for a malformed ping. */
    private NoPing badIfKnown(Target target, String mistake, Wait wait) throws NoPing {
        return switch (target) {
            case Target.ByUuid(var uuid) ->
                wait.ask(() -> checks.byUuid(uuid)).isPresent() ? new NoPing(400, mistake) : unknown(target);
            case Target.BySlug slug ->
                switch (wait.ask(() -> checks.idsBySlug(List.of(slug))).size()) {
                    case 0 -> slug.create() ? new NoPing(400, mistake) : new NoPing(404, "not found");
                    case 1 -> new NoPing(400, mistake);
                    default -> new NoPing(409, "ambiguous slug");
                };
        };
    }

    /** An unknown uuid is no error for a client that only knows the hosted service, where {@code softErrors}. */
    private NoPing unknown(Target target) {
        return softErrors && target instanceof Target.ByUuid
                ? new NoPing(200, "OK (not found)")
                : new NoPing(404, "not found");
    }

    private PingAnswer record(
            HttpServletRequest request, PingPath path, PingQuery query, Target target, String scheme, Wait wait)
            throws IOException, NoPing {
        var body = new PingBody(request);
        var read = body.read(NOTHING, PingBody.ORDINARY);
        if (body.isAtEnd()) return submit(request, path, query, target, scheme, read, wait);
        if (!longBodies.tryAcquire()) throw new NoPing(503, "busy, try again");
        try {
            int limit = wait.ask(() -> limit(target))
                    .orElse(ordinaryLimit == null ? PingProperties.READ_LIMIT : ordinaryLimit);
            var all = body.read(read, limit);
            body.drain();
            return submit(request, path, query, target, scheme, all, wait);
        } finally {
            longBodies.release();
        }
    }

    private Optional<Integer> limit(Target target) {
        var check = switch (target) {
            case Target.ByUuid(var uuid) -> checks.byUuid(uuid);
            case Target.BySlug slug ->
                checks.byIds(checks.idsBySlug(List.of(slug))).stream().findFirst();
        };
        return check.flatMap(found -> Optional.ofNullable(found.bodyLimit()));
    }

    private PingAnswer submit(
            HttpServletRequest request,
            PingPath path,
            PingQuery query,
            Target target,
            String scheme,
            byte[] body,
            Wait wait) {
        var ping = new Ping(
                target,
                clock.instant(),
                path.action(),
                path.exit(),
                query.rid().orElse(null),
                scheme,
                request.getMethod(),
                userAgent(request),
                proxies.origin(request),
                body);
        return commits.submit(ping, wait.left);
    }

    /** How long a ping still waits for the database; what its job takes to send it does not count. */
    private static final class Wait {

        private Duration left;

        Wait(Duration left) {
            this.left = left;
        }

        /** On a thread of its own, since a connection may be silent for longer than a ping waits. */
        <T> T ask(Supplier<T> question) throws NoPing {
            long begun = System.nanoTime();
            var answer = new FutureTask<>(question::get);
            Thread.ofVirtual().name("ping-question").start(answer);
            try {
                return answer.get(left.toNanos(), TimeUnit.NANOSECONDS);
            } catch (ExecutionException failed) {
                if (failed.getCause() instanceof RuntimeException failure) throw failure;
                throw new IllegalStateException(failed.getCause());
            } catch (TimeoutException silent) {
                throw new NoPing(503, "busy, try again");
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
                throw new NoPing(503, "busy, try again");
            } finally {
                left = left.minusNanos(System.nanoTime() - begun);
            }
        }
    }

    private static String userAgent(HttpServletRequest request) {
        var agent = request.getHeader("User-Agent");
        if (agent == null) return "";
        return Texts.storable(agent.length() <= LONGEST_USER_AGENT ? agent : agent.substring(0, LONGEST_USER_AGENT));
    }

    private void recorded(HttpServletResponse response, Recorded recorded) throws IOException {
        response.setHeader("Access-Control-Allow-Origin", "*");
        response.setHeader("Cache-Control", NEVER_KEPT);
        response.setHeader("Muster-Ping-Id", Long.toString(recorded.n()));
        if (recorded.bodyLimit() != null) {
            response.setHeader("Ping-Body-Limit", recorded.bodyLimit().toString());
        } else if (ordinaryLimit != null) {
            response.setHeader("Ping-Body-Limit", ordinaryLimitHeader);
        }
        if (recorded.manifest() != null) response.setHeader("Muster-Manifest", recorded.manifest());
        if (recorded.created()) {
            answer(response, HttpServletResponse.SC_CREATED, CREATED);
        } else {
            answer(response, HttpServletResponse.SC_OK, OK);
        }
    }

    static void ok(HttpServletResponse response) throws IOException {
        answer(response, HttpServletResponse.SC_OK, OK);
    }

    private static void answer(HttpServletResponse response, int status, byte[] text) throws IOException {
        response.setStatus(status);
        response.setContentType("text/plain;charset=utf-8");
        response.setContentLength(text.length);
        response.getOutputStream().write(text);
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
