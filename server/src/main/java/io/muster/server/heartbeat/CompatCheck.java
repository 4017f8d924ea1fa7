package io.muster.server.heartbeat;

import io.muster.server.access.BaseUrl;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A check as the compatible API shows it: members that are null are written, optional ones are absent. */
final class CompatCheck {

    private static final DateTimeFormatter DATE =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ssxxx").withZone(ZoneOffset.UTC);

    /**
     * @param version 1, 2 or 3
     * @param channels their ids; null: for a reader, who sees neither them nor the uuid
     */
    static Map<String, @Nullable Object> of(
            Check check, int version, @Nullable List<String> channels, Instant now, BaseUrl site, PingUrls pings) {
        var is = check.settings();
        var words = is.keywords();
        var object = new LinkedHashMap<String, @Nullable Object>();
        object.put("name", is.name());
        object.put("slug", is.slug());
        object.put("tags", is.tags());
        object.put("desc", is.description());
        object.put("grace", is.grace().toSeconds());
        object.put("n_pings", check.pings());
        object.put("status", status(check, version, now));
        object.put("started", check.isStarted());
        object.put("last_ping", date(check.lastPing()));
        object.put("next_ping", date(check.graceStart().orElse(null)));
        object.put("manual_resume", is.manualResume());
        object.put("methods", is.postOnly() ? "POST" : "");
        object.put("subject", words.subject() ? words.success() : "");
        object.put("subject_fail", words.subject() ? words.failure() : "");
        object.put("start_kw", words.start());
        object.put("success_kw", words.success());
        object.put("failure_kw", words.failure());
        object.put("filter_subject", words.subject());
        object.put("filter_body", words.body());
        object.put("filter_http_body", words.httpBody());
        object.put("filter_default_fail", words.defaultFail());
        object.put("badge_url", site.url("/b/2/" + check.badgeKey() + ".svg"));
        var duration = check.lastDuration();
        if (duration != null) object.put("last_duration", duration.toSeconds());
        if (channels == null) {
            object.put("unique_key", check.uniqueKey());
        } else {
            var uuid = check.uuid().value();
            var self = site.url("/api/v" + version + "/checks/" + uuid);
            object.put("uuid", uuid.toString());
            object.put("ping_url", pings.of(check.uuid()));
            object.put("update_url", self);
            object.put("pause_url", self + "/pause");
            object.put("resume_url", self + "/resume");
            object.put("channels", String.join(",", channels));
        }
        switch (is.schedule()) {
            case Schedule.Every(var period) -> object.put("timeout", period.toSeconds());
            case Schedule.Cron(var expression, var tz) -> addClock(object, expression, tz.getId());
            case Schedule.OnCalendar(var expression, var tz) -> addClock(object, expression, tz.getId());
        }
        return object;
    }

    private static void addClock(Map<String, @Nullable Object> object, String expression, String tz) {
        object.put("schedule", expression);
        object.put("tz", tz);
    }

    private static String status(Check check, int version, Instant now) {
        var started = check.lastStart();
        boolean running = started != null && now.isBefore(started.plus(check.grace()));
        return version == 1 && running ? "started" : check.at(now).word();
    }

    /** Without a fraction, and with {@code +00:00}: some clients cannot read a {@code Z}. */
    static @Nullable String date(@Nullable Instant at) {
        return at == null ? null : DATE.format(at);
    }

    private CompatCheck() {}
}
