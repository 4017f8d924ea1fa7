package io.muster.server.tenancy;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Collection;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Many rows to and from SQL: one array a column. */
final class Columns {

    static <T> @Nullable String[] of(List<T> rows, Function<T, @Nullable Object> value) {
        return rows.stream()
                .map(row -> {
                    var cell = value.apply(row);
                    return cell == null ? null : cell.toString();
                })
                .toArray(String[]::new);
    }

    static Instant instant(ResultSet row, String column) throws SQLException {
        return row.getObject(column, OffsetDateTime.class).toInstant();
    }

    /** The columns that every table of declared things has. */
    static <T> Noun.Declared<T> declared(ResultSet row, String id, T value) throws SQLException {
        return new Noun.Declared<>(
                row.getString(id),
                value,
                row.getLong("version"),
                instant(row, "created_at"),
                instant(row, "updated_at"));
    }

    /**
     * Which of a noun's things refer to others.
     *
     * @param sql of {@code :ids} and {@code :limit}, with the columns id and used; empty: none can
     */
    static List<Noun.Use> uses(JdbcClient db, String sql, String kind, Collection<String> ids, int limit) {
        if (sql.isEmpty()) return List.of();
        return db.sql(sql)
                .param("ids", ids.toArray(String[]::new))
                .param("limit", limit)
                .query((row, n) -> new Noun.Use(kind, row.getString("id"), row.getString("used")))
                .list();
    }

    private Columns() {}
}
