package io.muster.server.incident;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;
import tools.jackson.databind.json.JsonMapper;

/** The tables {@code alert}, {@code alert_topic} and {@code alert_group}. */
@Repository
class AlertRepository {

    private final JdbcClient db;
    private final JsonMapper json;

    AlertRepository(JdbcClient db, JsonMapper json) {
        this.db = db;
        this.json = json;
    }

    void insert(UUID raise, List<Map<String, @Nullable Object>> rows, Instant now) {
        db.sql("""
                insert into alert (raise, topic, subject, type, job_id, job_name, job_tags, job_channels, store, region,
                                   tenant, since, cause, what_to_do, path, raised_at)
                select :raise, topic, subject, type, job_id, job_name, job_tags, job_channels, store, region,
                       tenant, since, cause, what_to_do, path, cast(:now as timestamptz)
                  from jsonb_to_recordset(cast(:rows as jsonb))
                    as row (topic text, subject text, type text, job_id text, job_name text, job_tags text[],
                            job_channels text[], store text, region text, tenant text, since timestamptz, cause text,
                            what_to_do text, path text)
                """)
                .param("raise", raise)
                .param("rows", json.writeValueAsString(rows))
                .param("now", now.toString())
                .update();
    }

    /** Topics of what was raised and is not sorted. */
    List<String> topicsOf(List<String> raises) {
        return db.sql("""
                select distinct topic
                  from alert
                 where raise = any (cast(:raises as uuid[]))
                   and place is null
                 order by topic
                """)
                .param("raises", raises.toArray(String[]::new))
                .query((row, n) -> row.getString(1))
                .list();
    }

    /** Until the transaction ends nobody else sorts or tells these. Answers the last place of each. */
    Map<String, Long> lock(Collection<String> topics) {
        var names = topics.stream().distinct().sorted().toArray(String[]::new);
        db.sql("""
                insert into alert_topic (topic, place)
                select topic, 0
                  from unnest(:topics) as news (topic)
                 order by topic collate "C"
                    on conflict do nothing
                """).param("topics", names).update();
        return db
                .sql("""
                select topic, place
                  from alert_topic
                 where topic = any (:topics)
                 order by topic
                   for update
                """)
                .param("topics", names)
                .query((row, n) -> Map.entry(row.getString("topic"), row.getLong("place")))
                .list()
                .stream()
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    }

    /** An alert that is not sorted yet, or is open. */
    record Raised(long id, String topic, String subject, String type, Instant since, Optional<String> was) {}

    /** In the order in which they were raised; whoever locks a topic sees all that is committed about it. */
    List<Raised> unsorted(Collection<String> topics, int limit) {
        return db.sql("""
                select id, topic, subject, type, since, was
                  from alert
                 where topic = any (:topics)
                   and place is null
                 order by id
                 limit :limit
                """)
                .param("topics", topics.toArray(String[]::new))
                .param("limit", limit)
                .query(AlertRepository::raised)
                .list();
    }

    List<Raised> open(List<Raised> sameSubjects) {
        return db.sql("""
                select id, topic, subject, type, since, was
                  from alert
                 where open
                   and (topic, subject) in (select topic, subject from unnest(:topics, :subjects) as same (topic, subject))
                """)
                .param("topics", sameSubjects.stream().map(Raised::topic).toArray(String[]::new))
                .param("subjects", sameSubjects.stream().map(Raised::subject).toArray(String[]::new))
                .query(AlertRepository::raised)
                .list();
    }

    /** Checks with an alert that they are down, which is open or not sorted yet. */
    List<Long> openJobs(JobSelector which) {
        return db.sql("""
                select distinct cast(split_part(subject, ':', 2) as bigint) as check_id
                  from alert
                 where (open or place is null)
                   and type = 'job.down'
                   and subject like 'job:%'
                   and (:all or job_id = any (:ids) or job_tags && cast(:tags as text[]))
                """)
                .param("all", which instanceof JobSelector.All)
                .param("ids", which instanceof JobSelector.These(var ids) ? ids.toArray(String[]::new) : new String[0])
                .param(
                        "tags",
                        which instanceof JobSelector.Tagged(var tags) ? tags.toArray(String[]::new) : new String[0])
                .query((row, n) -> row.getLong("check_id"))
                .list();
    }

    /** What sorting makes of an alert. */
    record Sorted(
            long id,
            long place,
            boolean open,
            @Nullable String was,
            @Nullable Instant began) {}

    void store(List<Sorted> sorted, Collection<Long> noLongerOpen, Map<String, Long> places) {
        db.sql("update alert set open = false where id = any (:ids)")
                .param("ids", noLongerOpen.toArray(Long[]::new))
                .update();
        db.sql("""
                update alert
                   set place = sorted.place, open = sorted.open, was = sorted.was, began = sorted.began
                  from unnest(:ids, :places, :opens, :was, cast(:begans as timestamptz[]))
                    as sorted (id, place, open, was, began)
                 where alert.id = sorted.id
                """)
                .param("ids", sorted.stream().map(Sorted::id).toArray(Long[]::new))
                .param("places", sorted.stream().map(Sorted::place).toArray(Long[]::new))
                .param("opens", sorted.stream().map(Sorted::open).toArray(Boolean[]::new))
                .param("was", sorted.stream().map(Sorted::was).toArray(String[]::new))
                .param(
                        "begans",
                        sorted.stream()
                                .map(alert -> alert.began() == null
                                        ? null
                                        : alert.began().toString())
                                .toArray(String[]::new))
                .update();
        db.sql("""
                update alert_topic
                   set place = news.place
                  from unnest(:topics, :places) as news (topic, place)
                 where alert_topic.topic = news.topic
                """)
                .param("topics", places.keySet().toArray(String[]::new))
                .param("places", places.values().toArray(Long[]::new))
                .update();
    }

    /** A channel that had nothing to do with a topic hears of it from now on. */
    void group(List<Sorted> sorted) {
        db.sql("""
                insert into alert_group (channel, topic, told, begun_at)
                select alert_channel.id, alert.topic, min(alert.place) - 1, min(alert.raised_at)
                  from alert, alert_channel
                 where alert.id = any (:ids)
                   and hears(alert_channel, alert)
                 group by alert_channel.id, alert.topic
                    on conflict do nothing
                """)
                .param("ids", sorted.stream().map(Sorted::id).toArray(Long[]::new))
                .update();
    }

    /** A channel with what it was told of a topic. */
    record Group(String channel, String topic) {

        String key() {
            return channel + "|" + topic;
        }

        /** A channel's id has no {@code |}. */
        static Group of(String key) {
            return new Group(key.substring(0, key.indexOf('|')), key.substring(key.indexOf('|') + 1));
        }
    }

    /** Groups of {@code topics} to which something is untold, and since when. */
    Map<Group, Instant> untold(Collection<String> topics) {
        return db
                .sql("""
                select alert_group.channel, alert_group.topic, min(alert.raised_at) as first
                  from alert_group
                  join alert on alert.topic = alert_group.topic and alert.place > alert_group.told
                 where alert_group.topic = any (:topics)
                 group by alert_group.channel, alert_group.topic
                """)
                .param("topics", topics.toArray(String[]::new))
                .query((row, n) ->
                        Map.entry(new Group(row.getString("channel"), row.getString("topic")), instant(row, "first")))
                .list()
                .stream()
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    }

    /**
     * How a group stands.
     *
     * @param firstNews when the first untold alert was raised that the channel sends, if there is one
     */
    record Standing(
            Group group,
            String kind,
            List<String> sends,
            long place,
            Instant begun,
            Optional<Instant> lastSent,
            Optional<Instant> firstNews) {}

    List<Standing> standing(Collection<Group> groups) {
        return db.sql("""
                select alert_group.channel, alert_group.topic, alert_channel.kind, alert_channel.sends, alert_topic.place,
                       alert_group.begun_at, alert_group.last_sent_at,
                       (select min(alert.raised_at)
                          from alert
                         where alert.topic = alert_group.topic
                           and alert.place > alert_group.told
                           and split_part(alert.type, '.', 2) = any (alert_channel.sends)
                           and hears(alert_channel, alert)) as first_news
                  from unnest(:channels, :topics) as asked (channel, topic)
                  join alert_group on alert_group.channel = asked.channel and alert_group.topic = asked.topic
                  join alert_channel on alert_channel.id = alert_group.channel
                  join alert_topic on alert_topic.topic = alert_group.topic
                 order by alert_group.topic, alert_group.channel
                """)
                .param("channels", groups.stream().map(Group::channel).toArray(String[]::new))
                .param("topics", groups.stream().map(Group::topic).toArray(String[]::new))
                .query((row, n) -> new Standing(
                        new Group(row.getString("channel"), row.getString("topic")),
                        row.getString("kind"),
                        texts(row, "sends"),
                        row.getLong("place"),
                        instant(row, "begun_at"),
                        optionalInstant(row, "last_sent_at"),
                        optionalInstant(row, "first_news")))
                .list();
    }

    /**
     * All of one type that a channel is told together.
     *
     * @param subjects how many jobs or tenants
     * @param jobs id, unit separator, name
     * @param lead the alert that began first
     */
    record Bundle(
            Group group,
            String type,
            int subjects,
            List<String> jobs,
            List<String> tenants,
            Instant since,
            Optional<Instant> began,
            long lead) {}

    /**
     * What a channel is to be told that it was not, by type. Of each job or tenant only the last change counts. Of what
     * began and ended untold, the end is told; a violation always: to a channel that sends no ends, as a violation. That
     * something is over which was never more than at risk is told only to channels that send {@code at_risk}.
     */
    List<Bundle> news(Collection<Group> groups) {
        return db.sql("""
                with untold as (
                    select alert_group.channel, alert_channel.sends, alert.*,
                           row_number() over same_subject as age,
                           bool_or(alert.type = 'exposure.violation') over (
                               partition by alert_group.channel, alert.topic, alert.subject) as was_violation
                      from unnest(:channels, :topics) as asked (channel, topic)
                      join alert_group on alert_group.channel = asked.channel and alert_group.topic = asked.topic
                      join alert_channel on alert_channel.id = alert_group.channel
                      join alert on alert.topic = alert_group.topic and alert.place > alert_group.told
                       and hears(alert_channel, alert)
                    window same_subject as (
                        partition by alert_group.channel, alert.topic, alert.subject order by alert.place desc)
                ), told as (
                    select untold.*,
                           case when type = 'exposure.closed' and was = 'exposure.at_risk' and not 'at_risk' = any (sends)
                                then null
                                when split_part(type, '.', 2) = any (sends) then type
                                when type = 'exposure.closed' and was_violation and 'violation' = any (sends)
                                then 'exposure.violation' end as told_as
                      from untold
                     where age = 1
                )
                select channel, topic, told_as as type, count(*) as subjects,
                       array_agg(distinct job_id || chr(31) || job_name) filter (where job_id is not null) as jobs,
                       array_agg(distinct tenant) filter (where tenant is not null) as tenants,
                       min(since) as since, min(began) as began, (array_agg(id order by since, id))[1] as lead
                  from told
                 where told_as is not null
                 group by channel, topic, told_as
                """)
                .param("channels", groups.stream().map(Group::channel).toArray(String[]::new))
                .param("topics", groups.stream().map(Group::topic).toArray(String[]::new))
                .query(AlertRepository::bundle)
                .list();
    }

    /** What is open of that which a channel hears of, by type. */
    List<Bundle> open(Collection<Group> groups) {
        return db.sql("""
                select alert_group.channel, alert_group.topic, alert.type, count(*) as subjects,
                       array_agg(distinct job_id || chr(31) || job_name) filter (where job_id is not null) as jobs,
                       array_agg(distinct tenant) filter (where tenant is not null) as tenants,
                       min(since) as since, cast(null as timestamptz) as began, (array_agg(alert.id order by since, alert.id))[1] as lead
                  from unnest(:channels, :topics) as asked (channel, topic)
                  join alert_group on alert_group.channel = asked.channel and alert_group.topic = asked.topic
                  join alert_channel on alert_channel.id = alert_group.channel
                  join alert on alert.topic = alert_group.topic and alert.open and hears(alert_channel, alert)
                 group by alert_group.channel, alert_group.topic, alert.type
                """)
                .param("channels", groups.stream().map(Group::channel).toArray(String[]::new))
                .param("topics", groups.stream().map(Group::topic).toArray(String[]::new))
                .query(AlertRepository::bundle)
                .list();
    }

    /** The words of one alert, for all that are told with it. */
    record Lead(@Nullable String store, @Nullable String region, String cause, String whatToDo, String path) {}

    Map<Long, Lead> leads(Collection<Long> ids) {
        return db
                .sql("""
                select id, store, region, cause, what_to_do, path
                  from alert
                 where id = any (:ids)
                """)
                .param("ids", ids.toArray(Long[]::new))
                .query((row, n) -> Map.entry(
                        row.getLong("id"),
                        new Lead(
                                row.getString("store"),
                                row.getString("region"),
                                row.getString("cause"),
                                row.getString("what_to_do"),
                                row.getString("path"))))
                .list()
                .stream()
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    }

    /** {@code sent}: those who are sent a message now; the others know all that they are to know. */
    void told(Collection<Standing> groups, Collection<Group> sent, Instant now) {
        db.sql("""
                update alert_group
                   set told = news.place,
                       last_sent_at = case when news.sent then cast(:now as timestamptz) else last_sent_at end
                  from unnest(:channels, :topics, :places, :sent) as news (channel, topic, place, sent)
                 where alert_group.channel = news.channel
                   and alert_group.topic = news.topic
                """)
                .param(
                        "channels",
                        groups.stream().map(group -> group.group().channel()).toArray(String[]::new))
                .param(
                        "topics",
                        groups.stream().map(group -> group.group().topic()).toArray(String[]::new))
                .param("places", groups.stream().map(Standing::place).toArray(Long[]::new))
                .param(
                        "sent",
                        groups.stream()
                                .map(group -> sent.contains(group.group()))
                                .toArray(Boolean[]::new))
                .param("now", now.toString())
                .update();
    }

    void forget(Collection<Group> groups) {
        db.sql("""
                delete from alert_group
                 using unnest(:channels, :topics) as gone (channel, topic)
                 where alert_group.channel = gone.channel
                   and alert_group.topic = gone.topic
                """)
                .param("channels", groups.stream().map(Group::channel).toArray(String[]::new))
                .param("topics", groups.stream().map(Group::topic).toArray(String[]::new))
                .update();
    }

    /** Removes what is neither open nor untold. */
    void tidy(Collection<String> topics) {
        db.sql("""
                delete from alert
                 where topic = any (:topics)
                   and not open
                   and place is not null
                   and not exists (select 1 from alert_group
                                    where alert_group.topic = alert.topic and alert_group.told < alert.place)
                """).param("topics", topics.toArray(String[]::new)).update();
    }

    private static Raised raised(ResultSet row, int n) throws SQLException {
        return new Raised(
                row.getLong("id"),
                row.getString("topic"),
                row.getString("subject"),
                row.getString("type"),
                instant(row, "since"),
                Optional.ofNullable(row.getString("was")));
    }

    private static Bundle bundle(ResultSet row, int n) throws SQLException {
        return new Bundle(
                new Group(row.getString("channel"), row.getString("topic")),
                row.getString("type"),
                row.getInt("subjects"),
                texts(row, "jobs"),
                texts(row, "tenants"),
                instant(row, "since"),
                optionalInstant(row, "began"),
                row.getLong("lead"));
    }

    static List<String> texts(ResultSet row, String column) throws SQLException {
        var array = row.getArray(column);
        return array == null ? List.of() : Arrays.asList((String[]) array.getArray());
    }

    static Instant instant(ResultSet row, String column) throws SQLException {
        return row.getObject(column, OffsetDateTime.class).toInstant();
    }

    static Optional<Instant> optionalInstant(ResultSet row, String column) throws SQLException {
        return Optional.ofNullable(row.getObject(column, OffsetDateTime.class))
                .map(at -> at.withOffsetSameInstant(ZoneOffset.UTC).toInstant());
    }
}
