package io.muster.server.audit;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.muster.merklelog.Bundle;
import io.muster.merklelog.Hash;
import io.muster.merklelog.Malformed;
import io.muster.merklelog.Tile;
import io.muster.merklelog.TilePath;
import io.muster.server.access.Access;
import io.muster.server.problem.Problem;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Duration;
import java.util.stream.Collectors;
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

    LogController(Access access, LogFinder finder, Checkpoints checkpoints, LogTiles tiles) {
        this.access = access;
        this.finder = finder;
        this.checkpoints = checkpoints;
        this.tiles = tiles;
    }

    @GetMapping("/logs/{tenant}/checkpoint")
    ResponseEntity<byte[]> checkpoint(@PathVariable String tenant) {
        var signed = checkpoints.current(log(tenant));
        return ResponseEntity.ok()
                .contentType(TEXT)
                .cacheControl(CacheControl.noStore())
                .body(signed.note().bytes());
    }

    /** A verifier key a line, Ed25519 first. */
    @GetMapping("/logs/{tenant}/vkey")
    ResponseEntity<String> keys(@PathVariable String tenant) {
        return ResponseEntity.ok()
                .contentType(TEXT)
                .body(checkpoints.keys(log(tenant)).stream()
                        .map(key -> key.verifier() + "\n")
                        .collect(Collectors.joining()));
    }

    /** No wider than what a checkpoint covers. */
    @GetMapping("/logs/{tenant}/tile/**")
    ResponseEntity<byte[]> tile(@PathVariable String tenant, HttpServletRequest request) {
        var log = log(tenant);
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
                Bundle.content(tiles.entries(
                        log.id(), bundle.index() * TilePath.FULL, bundle.index() * TilePath.FULL + bundle.width()));
        };
        return ResponseEntity.ok()
                .contentType(MediaType.APPLICATION_OCTET_STREAM)
                .cacheControl(
                        CacheControl.maxAge(Duration.ofDays(365)).cachePrivate().immutable())
                .body(bytes);
    }

    private TenantLog log(String tenant) {
        return finder.newest(access.caller(), tenant);
    }
}
