package io.muster.server.heartbeat;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.muster.server.access.Project;
import io.muster.server.access.Projects;
import io.muster.server.heartbeat.CheckBoard.Shown;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.springframework.dao.DataAccessException;
import org.springframework.transaction.TransactionException;
import org.springframework.web.util.UriUtils;
import tools.jackson.databind.json.JsonMapper;

/**
 * Shows badges to anybody who has their address: {@code /badge/{badge key}/{signature}[-2][/{tag}].{format}} for a tag or a
 * whole project, {@code /b/{2 or 3}/{badge key}.{format}} for a check. A filter, because tags may hold what the firewall of
 * the pages refuses in an address.
 */
class BadgeFilter implements Filter {

    static final List<String> FORMATS = List.of("svg", "json", "shields");

    private static final String NAME_OF_ALL = "Muster";
    private static final Pattern OF_TAG =
            Pattern.compile("/badge/([^/]{1,100})/([A-Za-z0-9_-]{8})(-2)?(?:/([^/]{1,6000}))?\\.([a-z]{1,10})");
    private static final Pattern OF_CHECK = Pattern.compile("/b/([0-9]{1,9})/([0-9a-f-]{36})\\.([a-z]{1,10})");

    private final Projects projects;
    private final CheckRepository checks;
    private final CheckBoard board;
    private final BadgeKeys keys;
    private final InstantSource clock;
    private final JsonMapper json;

    BadgeFilter(
            Projects projects,
            CheckRepository checks,
            CheckBoard board,
            BadgeKeys keys,
            InstantSource clock,
            JsonMapper json) {
        this.projects = projects;
        this.checks = checks;
        this.board = board;
        this.keys = keys;
        this.clock = clock;
        this.json = json;
    }

    @Override
    public void doFilter(ServletRequest asked, ServletResponse answered, FilterChain unused) throws IOException {
        var request = (HttpServletRequest) asked;
        var response = (HttpServletResponse) answered;
        response.setHeader("Access-Control-Allow-Origin", "*");
        response.setHeader("Cache-Control", PingFilter.NEVER_KEPT);
        response.setHeader("X-Content-Type-Options", "nosniff");
        switch (request.getMethod()) {
            case "GET" -> show(request.getRequestURI(), response);
            case "OPTIONS" -> {
                response.setHeader("Access-Control-Allow-Methods", "GET, OPTIONS");
                response.setHeader("Access-Control-Max-Age", "600");
                response.setStatus(HttpServletResponse.SC_NO_CONTENT);
            }
            default -> {
                response.setHeader("Allow", "GET, OPTIONS");
                write(response, HttpServletResponse.SC_METHOD_NOT_ALLOWED, "text/plain", "method not allowed");
            }
        }
    }

    private void show(String path, HttpServletResponse response) throws IOException {
        try {
            var format = path.substring(path.lastIndexOf('.') + 1);
            var badge = FORMATS.contains(format) ? badge(path) : Optional.<Badge>empty();
            if (badge.isEmpty()) {
                write(response, HttpServletResponse.SC_NOT_FOUND, "text/plain", "not found");
                return;
            }
            switch (format) {
                case "svg" -> write(response, 200, "image/svg+xml", badge.get().svg());
                case "json" ->
                    write(
                            response,
                            200,
                            "application/json",
                            json.writeValueAsString(badge.get().json()));
                default ->
                    write(
                            response,
                            200,
                            "application/json",
                            json.writeValueAsString(badge.get().shields()));
            }
        } catch (DataAccessException | TransactionException away) {
            response.setHeader("Retry-After", "2");
            write(response, HttpServletResponse.SC_SERVICE_UNAVAILABLE, "text/plain", "no database: try again");
        }
    }

    private Optional<Badge> badge(String path) {
        var tag = OF_TAG.matcher(path);
        if (tag.matches()) return ofTag(tag);
        var check = OF_CHECK.matcher(path);
        return check.matches() ? ofCheck(check) : Optional.empty();
    }

    private Optional<Badge> ofTag(Matcher path) {
        var tag = path.group(4) == null ? Optional.of(BadgeKeys.ALL) : tag(path.group(4));
        return tag.flatMap(name -> projects.byBadgeKey(path.group(1))
                .filter(project -> keys.isRight(path.group(2), project, name))
                .map(project -> ofTag(project, name, path.group(3) == null)));
    }

    private Badge ofTag(Project project, String tag, boolean showsLate) {
        boolean all = tag.equals(BadgeKeys.ALL);
        var now = clock.instant();
        var counts = all ? board.counts(project.id(), now) : board.tagged(project.id(), tag, now);
        return Badge.of(
                all ? NAME_OF_ALL : tag,
                counts.values().stream().mapToLong(Long::longValue).sum(),
                counts.getOrDefault(Shown.LATE, 0L),
                counts.getOrDefault(Shown.DOWN, 0L),
                showsLate);
    }

    private Optional<Badge> ofCheck(Matcher path) {
        return PingPath.uuid(path.group(2)).flatMap(checks::byBadgeKey).map(check -> {
            var is = check.at(clock.instant());
            return Badge.of(
                    check.title(),
                    1,
                    is == CheckStatus.GRACE ? 1 : 0,
                    is == CheckStatus.DOWN ? 1 : 0,
                    path.group(1).equals("3"));
        });
    }

    /** Encoded twice: so the address of a tag with a slash is still one. */
    private static Optional<String> tag(String encoded) {
        try {
            return Optional.of(UriUtils.decode(UriUtils.decode(encoded, UTF_8), UTF_8))
                    .filter(tag -> tag.indexOf('\0') < 0);
        } catch (IllegalArgumentException brokenEscape) {
            return Optional.empty();
        }
    }

    private static void write(HttpServletResponse response, int status, String type, String text) throws IOException {
        response.setStatus(status);
        response.setContentType(type);
        response.setCharacterEncoding("UTF-8");
        response.getOutputStream().write(text.getBytes(UTF_8));
    }
}
