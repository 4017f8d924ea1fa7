package io.muster.server.heartbeat;

import io.muster.server.groupcommit.CopyRows;
import java.sql.Connection;

/** Rows of the table {@code ping}. */
final class PingCopy {

    private static final String SQL = """
            copy ping (check_id, n, at, kind, scheme, method, user_agent, remote_addr, rid, exit_status, body)
            from stdin (format binary)
            """;

    private static final int FIELDS = 11;

    private final CopyRows rows = new CopyRows(1 << 14);

    /** @param keep how many bytes of the body are stored */
    void add(long check, Ping ping, Heard heard, int keep) {
        rows.add(FIELDS, fields -> {
            fields.bigint(check);
            fields.bigint(heard.n());
            fields.instant(heard.at());
            fields.text(heard.kind().word());
            fields.text(ping.scheme());
            fields.text(ping.method());
            fields.text(ping.userAgent());
            fields.text(ping.remoteAddr());
            fields.uuid(heard.rid());
            fields.smallint(heard.exit());
            if (heard.body().length == 0) {
                fields.nothing();
            } else {
                fields.bytes(heard.body(), Math.min(heard.body().length, keep));
            }
        });
    }

    void send(Connection connection) {
        rows.send(connection, SQL);
    }
}
