package io.muster.server.heartbeat;

import io.muster.server.access.BaseUrl;
import io.muster.server.embedded.ReadFirst;
import java.net.URI;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

/** Where jobs ping: {@code /ping/} of this server, or the root of a host name of its own, {@code MUSTER_PING_URL}. */
@ReadFirst
@Component
public class PingUrls {

    private final BaseUrl site;
    private final String given;

    PingUrls(@Value("${muster.ping.url:}") String given, BaseUrl site) {
        this.site = site;
        this.given = given.isBlank() ? "" : site.another("MUSTER_PING_URL", given);
    }

    public String of(PingUuid check) {
        return given.isEmpty() ? site.url("/ping/" + check.value()) : given + "/" + check.value();
    }

    /** The short form of a failure. */
    public String failOf(PingUuid check) {
        var path = "/fail/" + check.value();
        return given.isEmpty() ? site.url(path) : given + path;
    }

    /** The name of the host that takes nothing but pings; empty if there is none. */
    String host() {
        return given.isEmpty() ? "" : URI.create(given).getHost();
    }
}
