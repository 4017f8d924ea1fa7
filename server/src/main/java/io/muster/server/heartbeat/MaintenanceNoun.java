package io.muster.server.heartbeat;

import static java.util.stream.Collectors.toMap;

import io.muster.server.access.Caller;
import io.muster.server.deadline.Deadlines;
import io.muster.server.tenancy.FormField;
import io.muster.server.tenancy.Noun;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Maintenance windows as they are declared: {@code /api/v1/maintenance-windows}, {@code maintenance_windows} of {@code apply}. */
@Component
class MaintenanceNoun implements Noun<MaintenanceWindow> {

    private final MaintenanceRepository windows;
    private final HoldRepository holds;
    private final JobAlerts alerts;
    private final Deadlines deadlines;
    private final InstantSource clock;

    MaintenanceNoun(
            MaintenanceRepository windows,
            HoldRepository holds,
            JobAlerts alerts,
            Deadlines deadlines,
            InstantSource clock) {
        this.windows = windows;
        this.holds = holds;
        this.alerts = alerts;
        this.deadlines = deadlines;
        this.clock = clock;
    }

    @Override
    public String kind() {
        return "maintenance_window";
    }

    @Override
    public String plural() {
        return "maintenance_windows";
    }

    @Override
    public Class<MaintenanceWindow> type() {
        return MaintenanceWindow.class;
    }

    /** Refers to nothing: a job that it selects may be declared later. */
    @Override
    public int order() {
        return 95;
    }

    @Override
    public List<FormField> form() {
        return List.of(
                FormField.text("name", "Name").must().example("Patches on Sunday"),
                FormField.of(FormField.Input.LIST, "jobs", "Jobs")
                        .example("users-to-eu, orders-to-eu")
                        .hint("left out: all"),
                FormField.code("from", "From").example("2026-03-01T02:00:00Z").beside(),
                FormField.code("to", "To").example("2026-03-01T04:00:00Z").hint("once"),
                FormField.of(FormField.Input.LONG, "oncalendar", "OnCalendar")
                        .example("Sun *-*-* 02:00")
                        .hint("again and again")
                        .beside(),
                FormField.code("tz", "Time zone").example("Europe/Berlin").hint("of OnCalendar"),
                FormField.code("duration", "Duration").example("PT2H").hint("each time"));
    }

    @Override
    public Map<String, Declared<MaintenanceWindow>> find(Collection<String> ids, Caller caller) {
        var found = new LinkedHashMap<String, Declared<MaintenanceWindow>>();
        if (caller.tenant() == null) windows.find(ids).forEach(one -> found.put(one.id(), one));
        return found;
    }

    @Override
    public List<Declared<MaintenanceWindow>> page(@Nullable String afterId, int limit, Caller caller) {
        return caller.tenant() == null ? windows.page(afterId, limit) : List.of();
    }

    @Override
    public void insert(List<Declared<MaintenanceWindow>> news) {
        windows.insert(news);
        wake(news);
    }

    @Override
    public void update(List<Edit<MaintenanceWindow>> edits) {
        var after = edits.stream().map(Edit::after).toList();
        windows.update(after);
        after.forEach(one -> alerts.lookAgain(holds.heldFor(one.id()), one.updatedAt()));
        wake(after);
    }

    private void wake(List<Declared<MaintenanceWindow>> changed) {
        deadlines.arm(MaintenanceDeadline.NAME, changed.stream().collect(toMap(Declared::id, Declared::updatedAt)));
    }

    @Override
    public void delete(List<Declared<MaintenanceWindow>> gone, Instant now) {
        gone.forEach(one -> alerts.lookAgain(holds.heldFor(one.id()), now));
        windows.delete(gone.stream().map(Declared::id).toList());
    }

    /** {@code on}: whether alerts are held back now; {@code next}: the time that is on, or comes next. */
    @Override
    public Map<String, Map<String, @Nullable Object>> extras(List<Declared<MaintenanceWindow>> things, Caller caller) {
        var now = clock.instant();
        var extras = new HashMap<String, Map<String, @Nullable Object>>();
        for (var one : things) {
            var next = one.value().at(now);
            var extra = new LinkedHashMap<String, @Nullable Object>();
            extra.put("on", next.filter(at -> at.isOn(now)).isPresent());
            extra.put("next", next.orElse(null));
            extras.put(one.id(), extra);
        }
        return extras;
    }
}
