package io.muster.server.access;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** The table {@code project}. */
@Repository
public class Projects {

    private final JdbcClient db;

    Projects(JdbcClient db) {
        this.db = db;
    }

    public Optional<Project> find(String id) {
        return db.sql("""
                select id, uuid, name, tenant, ping_key, badge_key
                  from project
                 where id = :id
                """).param("id", id).query(Projects::project).optional();
    }

    public Optional<Project> byPingKey(String pingKey) {
        return db.sql("""
                select id, uuid, name, tenant, ping_key, badge_key
                  from project
                 where ping_key = :pingKey
                """).param("pingKey", pingKey).query(Projects::project).optional();
    }

    public Optional<Project> byBadgeKey(String badgeKey) {
        return db.sql("""
                select id, uuid, name, tenant, ping_key, badge_key
                  from project
                 where badge_key = :badgeKey
                """).param("badgeKey", badgeKey).query(Projects::project).optional();
    }

    private static Project project(ResultSet row, int n) throws SQLException {
        return new Project(
                row.getString("id"),
                row.getObject("uuid", UUID.class),
                row.getString("name"),
                row.getString("tenant"),
                row.getString("ping_key"),
                row.getString("badge_key"));
    }
}
