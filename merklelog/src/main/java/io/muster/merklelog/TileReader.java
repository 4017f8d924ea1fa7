package io.muster.merklelog;

import java.io.IOException;
import java.util.List;

/** Where tiles are: a database, a folder, a server. */
@FunctionalInterface
public interface TileReader {
    /**
     * The contents of {@code tiles}, in their order. All that one answer needs is asked for at once: at most 16 tiles for a proof, and
     * for a {@link WholeLog} those that the entries just read fill.
     *
     * <p>Where a partial tile has gone because its full one exists, take the first hashes of that.
     */
    List<byte[]> read(List<Tile> tiles) throws IOException;
}
