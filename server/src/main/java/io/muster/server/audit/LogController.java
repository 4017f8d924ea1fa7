package io.muster.server.audit;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.muster.merklelog.Bundle;
import io.muster.merklelog.Hash;
import io.muster.merklelog.Malformed;
import io.muster.merklelog.Tile;
import io.muster.merklelog.TilePath;
import io.muster.server.access.Access;
import io.muster.server.problem.Problem;
import io.muster.server.problem.Refused;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Duration;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.http.CacheControl;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

/**
 * A tenant's log as standard clients read it.
 *
 * @see <a href="https://c2sp.org/tlog-tiles">C2SP tlog-tiles</a>
 */
@RestController
class LogController {

    private static final MediaType TEXT = new MediaType("text", "plain", UTF_8);

    private final Access access;
    private final LogFinder finder;
    private final Checkpoints checkpoints;
    private final LogTiles tiles;
    private final EventRows events;

    LogController(Access access, LogFinder finder, Checkpoints checkpoints, LogTiles tiles, EventRows events) {
        this.access = access;
        this.finder = finder;
        this.checkpoints = checkpoints;
        this.tiles = tiles;
        this.events = events;
    }

    @GetMapping({"/logs/{tenant}/checkpoint", "/logs/{tenant}/e{epoch:\\d+}/checkpoint"})
    ResponseEntity<byte[]> checkpoint(
            @PathVariable String tenant, @PathVariable(required = false) @Nullable String epoch) {
        var signed = checkpoints.current(log(tenant, epoch));
        return ResponseEntity.ok()
                .contentType(TEXT)
                .cacheControl(CacheControl.noStore())
                .body(signed.note().bytes());
    }

    /** A verifier key a line, Ed25519 first. */
    @GetMapping({"/logs/{tenant}/vkey", "/logs/{tenant}/e{epoch:\\d+}/vkey"})
    ResponseEntity<String> keys(@PathVariable String tenant, @PathVariable(required = false) @Nullable String epoch) {
        return ResponseEntity.ok()
                .contentType(TEXT)
                .body(checkpoints.keys(log(tenant, epoch)).stream()
                        .map(key -> key.verifier() + "\n")
                        .collect(Collectors.joining()));
    }

    /** No wider than what a checkpoint covers. */
    @GetMapping({"/logs/{tenant}/tile/**", "/logs/{tenant}/e{epoch:\\d+}/tile/**"})
    ResponseEntity<byte[]> tile(
            @PathVariable String tenant,
            @PathVariable(required = false) @Nullable String epoch,
            HttpServletRequest request) {
        var log = log(tenant, epoch);
        var path = request.getRequestURI();
        TilePath asked;
        try {
            asked = TilePath.parse(path.substring(path.indexOf("/tile/") + 1));
        } catch (Malformed not) {
            throw Problem.notFound("There is no tile of that name.");
        }
        long size = checkpoints.newest(log).map(Checkpoints.Signed::size).orElse(0L);
        int shift = asked instanceof Tile tile ? 8 * tile.level() : 0;
        long nodes = shift >= Long.SIZE - 1 ? 0 : size >> shift;
        if (asked.index() > nodes >> 8 || asked.index() * TilePath.FULL + asked.width() > nodes) {
            throw Problem.notFound("No checkpoint covers that tile: the newest is of " + size + " entries.");
        }
        var bytes = switch (asked) {
            case Tile tile -> Hash.join(tiles.hashes(log.id(), tile));
            case Bundle bundle ->
                Bundle.content(events.entries(
                        log.id(), bundle.index() * TilePath.FULL, bundle.index() * TilePath.FULL + bundle.width()));
        };
        return ResponseEntity.ok()
                .contentType(MediaType.APPLICATION_OCTET_STREAM)
                .cacheControl(
                        CacheControl.maxAge(Duration.ofDays(365)).cachePrivate().immutable())
                .body(bytes);
    }

    /** The newest epoch, or the one that the path names. */
    private TenantLog log(String tenant, @Nullable String epoch) {
        var logs = finder.all(access.caller(), tenant);
        if (epoch == null) return logs.getFirst();
        return logs.stream()
                .filter(log -> Integer.toString(log.epoch()).equals(epoch))
                .findFirst()
                .orElseThrow(
                        () -> Problem.notFound("The log of that tenant has no epoch " + Refused.shown(epoch) + "."));
    }
}
