package io.muster.server.incident;

import io.muster.server.incident.channel.Carrier.Destination;
import io.muster.server.keys.GivenSecret;
import io.muster.server.keys.Sealer;
import io.muster.server.keys.Secrets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;
import tools.jackson.databind.json.JsonMapper;

/** The table {@code alert_channel}. */
@Repository
class ChannelRepository {

    private final JdbcClient db;
    private final JsonMapper json;
    private final Sealer sealer;
    private final Secrets secrets;

    ChannelRepository(JdbcClient db, JsonMapper json, Sealer sealer, Secrets secrets) {
        this.db = db;
        this.json = json;
        this.sealer = sealer;
        this.secrets = secrets;
    }

    /**
     * A channel as it is stored.
     *
     * @param address as it is stored: perhaps sealed, so not the address itself
     */
    record Stored(
            String id,
            AlertChannel value,
            long version,
            Instant createdAt,
            Instant updatedAt,
            String address,
            Optional<Instant> disabledAt,
            Optional<String> disabledWhy) {}

    List<Stored> find(Collection<String> ids) {
        return db.sql("""
                select id, kind, email_to, url, secret, sends, jobs_all, job_ids, job_tags, disabled_at, disabled_why,
                       version, created_at, updated_at
                  from alert_channel
                 where id = any (:ids)
                 order by id
                """)
                .param("ids", ids.toArray(String[]::new))
                .query(this::stored)
                .list();
    }

    /** In the order of ids. */
    List<Stored> page(@Nullable String afterId, int limit) {
        return db.sql("""
                select id, kind, email_to, url, secret, sends, jobs_all, job_ids, job_tags, disabled_at, disabled_why,
                       version, created_at, updated_at
                  from alert_channel
                 where id > coalesce(:after, '')
                 order by id
                 limit :limit
                """)
                .param("after", afterId)
                .param("limit", limit)
                .query(this::stored)
                .list();
    }

    /** {@code rows} as {@link #row} makes them. */
    void insert(List<Map<String, @Nullable Object>> rows) {
        write("""
                insert into alert_channel (id, uuid, kind, email_to, url, secret, sends, jobs_all, job_ids, job_tags,
                                           version, created_at, updated_at)
                select id, uuid, kind, email_to, url, secret, sends, jobs_all, job_ids, job_tags, version, updated_at,
                       updated_at
                  from jsonb_to_recordset(cast(:rows as jsonb))
                    as row (id text, uuid uuid, kind text, email_to text, url text, secret text, sends text[],
                            jobs_all boolean, job_ids text[], job_tags text[], version bigint, updated_at timestamptz)
                """, rows);
    }

    /** A new address ends that the channel was disabled. */
    void update(List<Map<String, @Nullable Object>> rows) {
        write("""
                update alert_channel
                   set kind = row.kind, email_to = row.email_to, url = row.url, secret = row.secret, sends = row.sends,
                       jobs_all = row.jobs_all, job_ids = row.job_ids, job_tags = row.job_tags, version = row.version,
                       updated_at = row.updated_at,
                       disabled_at = case when row.same_address then alert_channel.disabled_at end,
                       disabled_why = case when row.same_address then alert_channel.disabled_why end
                  from jsonb_to_recordset(cast(:rows as jsonb))
                    as row (id text, kind text, email_to text, url text, secret text, sends text[], jobs_all boolean,
                            job_ids text[], job_tags text[], version bigint, updated_at timestamptz,
                            same_address boolean)
                 where alert_channel.id = row.id
                """, rows);
    }

    private void write(String sql, List<Map<String, @Nullable Object>> rows) {
        db.sql(sql).param("rows", json.writeValueAsString(rows)).update();
    }

    Map<String, @Nullable Object> row(
            String id, AlertChannel channel, long version, Instant updatedAt, boolean sameAddress) {
        var row = new LinkedHashMap<String, @Nullable Object>();
        row.put("id", id);
        row.put("uuid", Channels.uuid(id).toString());
        row.put("kind", channel.kind().word());
        row.put("email_to", channel.to());
        row.put("url", channel.url() == null ? null : sealer.store(channel.url()));
        row.put("secret", channel.secret() == null ? null : sealer.store(channel.secret()));
        row.put("sends", channel.sends().stream().map(AlertChannel.Send::word).toList());
        row.put("jobs_all", channel.jobs() instanceof JobSelector.All);
        row.put("job_ids", channel.jobs() instanceof JobSelector.These(var ids) ? ids : List.of());
        row.put("job_tags", channel.jobs() instanceof JobSelector.Tagged(var tags) ? tags : List.of());
        row.put("version", version);
        row.put("updated_at", updatedAt.toString());
        row.put("same_address", sameAddress);
        return row;
    }

    void delete(Collection<String> ids) {
        db.sql("delete from alert_channel where id = any (:ids)")
                .param("ids", ids.toArray(String[]::new))
                .update();
    }

    List<Channels.Compatible> compatible() {
        return db.sql("select id, uuid, kind, jobs_all, job_ids, job_tags from alert_channel order by id")
                .query((row, n) -> new Channels.Compatible(
                        row.getObject("uuid", UUID.class),
                        row.getString("id"),
                        row.getString("kind"),
                        row.getBoolean("jobs_all"),
                        AlertRepository.texts(row, "job_ids"),
                        AlertRepository.texts(row, "job_tags")))
                .list();
    }

    /** Where a channel leads now. */
    sealed interface Reach {

        /** @param stored the address as it is stored, to know it again */
        record At(String kind, String stored, Destination destination) implements Reach {}

        /** Perhaps later. */
        record Nowhere(String why) implements Reach {}

        /** Not as it is declared now. */
        record Never(String why) implements Reach {}
    }

    /** For deliveries: nothing goes to a channel that is disabled. */
    Reach reach(String id) {
        var found = find(List.of(id));
        if (found.isEmpty()) return new Reach.Never("the channel was deleted");
        var channel = found.getFirst();
        return channel.disabledAt().isPresent()
                ? new Reach.Never("the channel is disabled, for it answered "
                        + channel.disabledWhy().orElse("that it is gone")
                        + ": give it a new address, or test it")
                : address(channel);
    }

    /** Whether or not it is disabled. */
    Reach address(Stored channel) {
        var value = channel.value();
        if (value.to() != null) return new Reach.At("email", value.to(), new Destination(value.to(), null));
        var address = value.url();
        if (address == null) throw new IllegalStateException("channel " + channel.id() + " has no address");
        var url = sealer.resolve(address);
        if (url.isEmpty()) return new Reach.Nowhere(missing("url", address));
        var secret = value.secret();
        var key = secret == null ? Optional.<String>empty() : sealer.resolve(secret);
        if (secret != null && key.isEmpty()) return new Reach.Nowhere(missing("secret", secret));
        return new Reach.At(value.kind().word(), channel.address(), new Destination(url.get(), key.orElse(null)));
    }

    private String missing(String member, GivenSecret secret) {
        return member + ": " + secret.reference().map(secrets::missing).orElse("it is empty");
    }

    /** Unless it has another address by now. */
    boolean disable(String id, String storedAddress, String why, Instant now) {
        return db.sql("""
                update alert_channel
                   set disabled_at = cast(:now as timestamptz), disabled_why = :why
                 where id = :id
                   and coalesce(url, email_to) = :address
                   and disabled_at is null
                """)
                        .param("id", id)
                        .param("address", storedAddress)
                        .param("why", why)
                        .param("now", now.toString())
                        .update()
                == 1;
    }

    void reached(String id) {
        db.sql("""
                update alert_channel
                   set disabled_at = null, disabled_why = null
                 where id = :id
                   and disabled_at is not null
                """).param("id", id).update();
    }

    List<String> disabled() {
        return db.sql("select id from alert_channel where disabled_at is not null order by id limit 100")
                .query((row, n) -> row.getString(1))
                .list();
    }

    private Stored stored(ResultSet row, int n) throws SQLException {
        var url = row.getString("url");
        var secret = row.getString("secret");
        return new Stored(
                row.getString("id"),
                new AlertChannel(
                        AlertChannel.Kind.of(row.getString("kind")),
                        row.getString("email_to"),
                        url == null ? null : sealer.load(url),
                        secret == null ? null : sealer.load(secret),
                        AlertRepository.texts(row, "sends").stream()
                                .map(AlertChannel.Send::of)
                                .toList(),
                        jobs(row)),
                row.getLong("version"),
                AlertRepository.instant(row, "created_at"),
                AlertRepository.instant(row, "updated_at"),
                url == null ? row.getString("email_to") : url,
                AlertRepository.optionalInstant(row, "disabled_at"),
                Optional.ofNullable(row.getString("disabled_why")));
    }

    private static JobSelector jobs(ResultSet row) throws SQLException {
        if (row.getBoolean("jobs_all")) return JobSelector.ALL;
        var tags = AlertRepository.texts(row, "job_tags");
        return tags.isEmpty()
                ? new JobSelector.These(AlertRepository.texts(row, "job_ids"))
                : new JobSelector.Tagged(tags);
    }
}
