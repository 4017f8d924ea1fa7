package io.muster.server.tenancy;

import io.muster.server.access.Caller;
import io.muster.server.problem.Refused;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** The tables {@code region} and {@code region_before}. */
@Component
class RegionNoun implements Noun<RegionNoun.RegionBody> {

    static final Pattern CODE = Pattern.compile("[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?");
    private static final Pattern JURISDICTION = Pattern.compile("[A-Z]{2,3}(-[A-Z0-9]{1,3})?");
    private static final Pattern COUNTRY = Pattern.compile("[A-Z]{2}");

    /** A region in JSON. */
    record RegionBody(
            String provider,
            String name,
            String city,
            String country,
            String jurisdiction,
            @Nullable Double lat,
            @Nullable Double lon) {

        RegionBody {
            var members = new Members()
                    .text("provider", provider, 100)
                    .text("name", name, 200)
                    .text("city", city, 200)
                    .text("country", country, 2)
                    .text("jurisdiction", jurisdiction, 10)
                    .between("lat", lat, -90, 90)
                    .between("lon", lon, -180, 180);
            if (country != null && !COUNTRY.matcher(country).matches()) {
                members.wrong("country", "must be two letters (ISO 3166-1), such as IE; got " + Refused.shown(country));
            }
            if (jurisdiction != null && !JURISDICTION.matcher(jurisdiction).matches()) {
                members.wrong(
                        "jurisdiction",
                        "must be EU, EEA, UK, US-GOV or a country such as CH; got " + Refused.shown(jurisdiction));
            }
            members.done();
        }
    }

    private final JdbcClient db;

    RegionNoun(JdbcClient db) {
        this.db = db;
    }

    @Override
    public String kind() {
        return "region";
    }

    @Override
    public String plural() {
        return "regions";
    }

    @Override
    public Class<RegionBody> type() {
        return RegionBody.class;
    }

    @Override
    public List<FormField> form() {
        return List.of(
                FormField.text("name", "Name").must().example("Ireland"),
                FormField.text("city", "City").must().example("Dublin").beside(),
                FormField.text("provider", "Provider").must().example("own"),
                FormField.code("country", "Country")
                        .must()
                        .example("IE")
                        .hint("two letters")
                        .beside(),
                FormField.code("jurisdiction", "Jurisdiction")
                        .must()
                        .example("EU")
                        .hint("EU, EEA, UK, US-GOV or the country"),
                FormField.of(FormField.Input.NUMBER, "lat", "Latitude")
                        .must()
                        .example("53.35")
                        .beside(),
                FormField.of(FormField.Input.NUMBER, "lon", "Longitude").must().example("-6.26"));
    }

    @Override
    public int order() {
        return 10;
    }

    @Override
    public void checkId(String id) {
        if (!CODE.matcher(id).matches()) {
            throw new Refused(
                    "id", "must be the code of a region, 1 to 63 of A-Z, a-z, 0-9 and -; got " + Refused.shown(id));
        }
    }

    @Override
    public Map<String, Declared<RegionBody>> find(Collection<String> ids, Caller caller) {
        var found = new LinkedHashMap<String, Declared<RegionBody>>();
        db.sql("""
                select code, provider, name, city, country, jurisdiction, lat, lon, version, created_at, updated_at
                  from region
                 where code = any (cast(:ids as text[]))
                """)
                .param("ids", ids.toArray(String[]::new))
                .query(RegionNoun::row)
                .list()
                .forEach(one -> found.put(one.id(), one));
        return found;
    }

    @Override
    public List<Declared<RegionBody>> page(@Nullable String afterId, int limit, Caller caller) {
        return db.sql("""
                select code, provider, name, city, country, jurisdiction, lat, lon, version, created_at, updated_at
                  from region
                 where code > coalesce(cast(:after as text), '')
                 order by code
                 limit :limit
                """)
                .param("after", afterId)
                .param("limit", limit)
                .query(RegionNoun::row)
                .list();
    }

    /** What was shipped and never changed. */
    @Override
    public Set<String> undeclared(List<Declared<RegionBody>> things, Caller caller) {
        return new HashSet<>(
                db.sql("select code from region where shipped and version = 1 and code = any (cast(:ids as text[]))")
                        .param("ids", Columns.of(things, Declared::id))
                        .query((row, n) -> row.getString(1))
                        .list());
    }

    @Override
    public void insert(List<Declared<RegionBody>> news) {
        write("""
                insert into region (code, provider, name, city, country, jurisdiction, lat, lon, version, created_at, updated_at)
                select code, provider, name, city, country, jurisdiction, cast(lat as double precision),
                       cast(lon as double precision), 1, at, at
                  from unnest(cast(:codes as text[]), cast(:providers as text[]), cast(:names as text[]),
                              cast(:cities as text[]), cast(:countries as text[]), cast(:jurisdictions as text[]),
                              cast(:lats as text[]), cast(:lons as text[]), cast(:instants as timestamptz[]))
                    as news (code, provider, name, city, country, jurisdiction, lat, lon, at)
                """, news);
    }

    @Override
    public void update(List<Edit<RegionBody>> edits) {
        var moved = edits.stream()
                .filter(edit -> !edit.before()
                        .value()
                        .jurisdiction()
                        .equals(edit.after().value().jurisdiction()))
                .toList();
        if (!moved.isEmpty()) {
            db.sql("""
                    insert into region_before (region, until, jurisdiction)
                    select code, at, jurisdiction
                      from unnest(cast(:codes as text[]), cast(:instants as timestamptz[]), cast(:jurisdictions as text[]))
                        as moved (code, at, jurisdiction)
                    """)
                    .param("codes", Columns.of(moved, edit -> edit.after().id()))
                    .param("instants", Columns.of(moved, edit -> edit.after().updatedAt()))
                    .param(
                            "jurisdictions",
                            Columns.of(moved, edit -> edit.before().value().jurisdiction()))
                    .update();
        }
        var news = edits.stream().map(Edit::after).toList();
        write("""
                update region
                   set provider = news.provider, name = news.name, city = news.city, country = news.country,
                       jurisdiction = news.jurisdiction, lat = cast(news.lat as double precision),
                       lon = cast(news.lon as double precision), version = region.version + 1, updated_at = news.at
                  from unnest(cast(:codes as text[]), cast(:providers as text[]), cast(:names as text[]),
                              cast(:cities as text[]), cast(:countries as text[]), cast(:jurisdictions as text[]),
                              cast(:lats as text[]), cast(:lons as text[]), cast(:instants as timestamptz[]))
                    as news (code, provider, name, city, country, jurisdiction, lat, lon, at)
                 where region.code = news.code
                """, news);
    }

    private void write(String sql, List<Declared<RegionBody>> regions) {
        db.sql(sql)
                .param("codes", Columns.of(regions, Declared::id))
                .param("providers", Columns.of(regions, one -> one.value().provider()))
                .param("names", Columns.of(regions, one -> one.value().name()))
                .param("cities", Columns.of(regions, one -> one.value().city()))
                .param("countries", Columns.of(regions, one -> one.value().country()))
                .param("jurisdictions", Columns.of(regions, one -> one.value().jurisdiction()))
                .param("lats", Columns.of(regions, one -> one.value().lat()))
                .param("lons", Columns.of(regions, one -> one.value().lon()))
                .param("instants", Columns.of(regions, Declared::updatedAt))
                .update();
    }

    @Override
    public void delete(List<Declared<RegionBody>> gone, Instant now) {
        db.sql("delete from region where code = any (cast(:ids as text[]))")
                .param("ids", Columns.of(gone, Declared::id))
                .update();
    }

    /** All, for there are hundreds, not millions. */
    Map<String, Region> all() {
        var all = new LinkedHashMap<String, Region>();
        db.sql("select code, provider, name, city, country, jurisdiction, lat, lon from region order by code")
                .query((row, n) -> new Region(
                        row.getString("code"),
                        row.getString("provider"),
                        row.getString("name"),
                        row.getString("city"),
                        row.getString("country"),
                        row.getString("jurisdiction"),
                        row.getDouble("lat"),
                        row.getDouble("lon")))
                .list()
                .forEach(region -> all.put(region.code(), region));
        return all;
    }

    Set<String> jurisdictions() {
        return Set.copyOf(db.sql("select distinct jurisdiction from region")
                .query((row, n) -> row.getString(1))
                .list());
    }

    private static Declared<RegionBody> row(ResultSet row, int n) throws SQLException {
        return Columns.declared(
                row,
                "code",
                new RegionBody(
                        row.getString("provider"),
                        row.getString("name"),
                        row.getString("city"),
                        row.getString("country"),
                        row.getString("jurisdiction"),
                        row.getDouble("lat"),
                        row.getDouble("lon")));
    }
}
