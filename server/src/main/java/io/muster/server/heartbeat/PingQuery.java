package io.muster.server.heartbeat;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What the query of a ping says. Read from the address alone: asking the container for a parameter would make it read the
 * body, which is the job's.
 *
 * @param rid which run it is about
 * @param ridIsWrong it names one, but not by a uuid
 * @param create make the check if there is none
 */
record PingQuery(Optional<UUID> rid, boolean ridIsWrong, boolean create) {

    private static final PingQuery NONE = new PingQuery(Optional.empty(), false, false);

    /** Of a name given twice, the last counts. */
    static PingQuery parse(@Nullable String query) {
        if (query == null || query.isEmpty()) return NONE;
        String rid = null;
        String create = null;
        for (var pair : query.split("&", -1)) {
            int equals = pair.indexOf('=');
            var name = decoded(equals < 0 ? pair : pair.substring(0, equals));
            var value = equals < 0 ? "" : decoded(pair.substring(equals + 1));
            if (name.equals("rid")) rid = value;
            if (name.equals("create")) create = value;
        }
        var uuid = rid == null ? Optional.<UUID>empty() : PingPath.uuid(rid);
        return new PingQuery(uuid, rid != null && uuid.isEmpty(), "1".equals(create));
    }

    /** What a query encoded; as it is where the encoding is broken. */
    static String decoded(String text) {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException brokenEscape) {
            return text;
        }
    }
}
