package io.muster.server.heartbeat;

import static io.muster.server.heartbeat.CompatCalls.addCors;
import static io.muster.server.heartbeat.CompatCalls.notAllowed;
import static io.muster.server.heartbeat.CompatCalls.ok;
import static io.muster.server.heartbeat.CompatCalls.version;

import io.muster.server.access.BaseUrl;
import io.muster.server.heartbeat.CheckBoard.PingSeen;
import io.muster.server.incident.Channels;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoField;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** What checks have reported, for clients of Healthchecks: pings, their bodies, flips; and the channels that hear of it. */
@RestController
class CompatHistory {

    private static final int MOST_PINGS = 1_000;
    private static final int MOST_FLIPS = 10_000; // of a check that flips every minute, a week
    private static final Pattern NUMBER_OF_A_PING = Pattern.compile("[0-9]{1,18}");
    private static final DateTimeFormatter TO_SECONDS = DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ssxxx");
    private static final DateTimeFormatter TO_MICROS = DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSSxxx");

    private final CompatCalls calls;
    private final CheckBoard board;
    private final FlipRepository flips;
    private final Channels channels;
    private final BaseUrl site;
    private final InstantSource clock;

    CompatHistory(
            CompatCalls calls,
            CheckBoard board,
            FlipRepository flips,
            Channels channels,
            BaseUrl site,
            InstantSource clock) {
        this.calls = calls;
        this.board = board;
        this.flips = flips;
        this.channels = channels;
        this.site = site;
        this.clock = clock;
    }

    /** One client posts to the address without a slash, and is used to be redirected to where it can read. */
    @RequestMapping({"/api/{v:v[123]}/checks/{id}/pings", "/api/{v:v[123]}/checks/{id}/pings/"})
    ResponseEntity<?> pings(@PathVariable String id, HttpServletRequest request) {
        boolean redirected =
                request.getMethod().equals("POST") && !request.getRequestURI().endsWith("/");
        if (!redirected) onlyGet(request);
        var check = calls.own(id, false, calls.writer(request, null));
        var page = board.pings(check.id(), null, MOST_PINGS);
        var took = RunTimes.of(page, (before, rids) -> board.lastStarts(check.id(), before, rids));
        return ok(
                200,
                Map.of(
                        "pings",
                        page.stream()
                                .map(ping -> shown(ping, took.get(ping.n()), check, version(request)))
                                .toList()),
                request);
    }

    private Map<String, @Nullable Object> shown(PingSeen ping, @Nullable Duration took, Check check, int version) {
        var object = new LinkedHashMap<String, @Nullable Object>();
        object.put("type", ping.kind().word());
        object.put("date", date(ping.at()));
        object.put("n", ping.n());
        object.put("scheme", ping.scheme());
        object.put("remote_addr", ping.remoteAddr());
        object.put("method", ping.method());
        object.put("ua", ping.userAgent());
        object.put("rid", ping.rid() == null ? null : ping.rid().toString());
        object.put(
                "body_url",
                ping.bytes() == 0
                        ? null
                        : site.url("/api/v" + version + "/checks/"
                                + check.uuid().value() + "/pings/" + ping.n() + "/body"));
        if (took != null) object.put("duration", Math.round(took.toNanos() / 1e7) / 100.0);
        return object;
    }

    /** With microseconds, unless there are none. */
    private static String date(Instant at) {
        var utc = at.atOffset(ZoneOffset.UTC);
        return (utc.get(ChronoField.MICRO_OF_SECOND) == 0 ? TO_SECONDS : TO_MICROS).format(utc);
    }

    @RequestMapping({"/api/{v:v[123]}/checks/{id}/pings/{n}/body", "/api/{v:v[123]}/checks/{id}/pings/{n}/body/"})
    ResponseEntity<?> body(@PathVariable String id, @PathVariable String n, HttpServletRequest request) {
        onlyGet(request);
        var check = calls.own(id, false, calls.writer(request, null));
        var body = Optional.of(n)
                .filter(number -> NUMBER_OF_A_PING.matcher(number).matches())
                .flatMap(number -> board.body(check.id(), Long.parseLong(number)))
                .filter(bytes -> bytes.length > 0)
                .orElseThrow(() -> new CompatError(404, "not found"));
        return ResponseEntity.ok()
                .headers(headers -> addCors(headers, request))
                .contentType(MediaType.TEXT_PLAIN)
                .body(body);
    }

    @RequestMapping({"/api/{v:v[123]}/checks/{id}/flips", "/api/{v:v[123]}/checks/{id}/flips/"})
    ResponseEntity<?> flips(@PathVariable String id, HttpServletRequest request) {
        onlyGet(request);
        var check = calls.own(id, true, calls.reader(request));
        var wanted = Wanted.parse(request.getQueryString(), clock.instant());
        if (wanted.isEmpty()) {
            return ResponseEntity.badRequest()
                    .headers(headers -> addCors(headers, request))
                    .build();
        }
        var shown = flips.between(check.id(), wanted.get().from(), wanted.get().until(), MOST_FLIPS).stream()
                .map(flip ->
                        new Turn(TO_SECONDS.format(flip.at().atOffset(ZoneOffset.UTC)), flip.to() == Status.UP ? 1 : 0))
                .toList();
        return ok(200, Map.of("flips", shown), request);
    }

    record Turn(String timestamp, int up) {}

    /** Flips at or after {@code from}, and before {@code until}. */
    record Wanted(Instant from, Instant until) {

        private static final Pattern NUMBER = Pattern.compile("[0-9]{1,11}");
        private static final long LAST_SECOND = 10_000_000_000L;
        private static final long YEAR = 31_536_000;

        /** Empty: a number is no number, or out of bounds. */
        static Optional<Wanted> parse(@Nullable String query, Instant now) {
            var members = CompatCalls.query(query);
            var from = Instant.EPOCH;
            var until = Instant.ofEpochSecond(LAST_SECOND);
            for (var name : List.of("start", "end", "seconds")) {
                var text = members.get(name);
                if (text == null || (name.equals("seconds") && text.isEmpty())) continue;
                if (!NUMBER.matcher(text).matches()) return Optional.empty();
                long number = Long.parseLong(text);
                if (number > (name.equals("seconds") ? YEAR : LAST_SECOND)) return Optional.empty();
                switch (name) {
                    case "start" -> from = later(from, Instant.ofEpochSecond(number));
                    case "end" -> until = Instant.ofEpochSecond(number);
                    default -> {
                        if (number > 0) from = later(from, now.minusSeconds(number));
                    }
                }
            }
            return Optional.of(new Wanted(from, until));
        }

        private static Instant later(Instant one, Instant other) {
            return one.isAfter(other) ? one : other;
        }
    }

    @RequestMapping({"/api/{v:v[123]}/channels", "/api/{v:v[123]}/channels/"})
    ResponseEntity<?> channels(HttpServletRequest request) {
        onlyGet(request);
        var caller = calls.writer(request, null);
        var all = calls.seesProject(caller) ? channels.compatible() : List.<Channels.Compatible>of();
        return ok(
                200,
                Map.of(
                        "channels",
                        all.stream()
                                .map(channel -> new Channel(channel.uuid(), channel.name(), channel.kind()))
                                .toList()),
                request);
    }

    record Channel(UUID id, String name, String kind) {}

    private static void onlyGet(HttpServletRequest request) {
        if (!request.getMethod().equals("GET")) throw notAllowed();
    }
}
