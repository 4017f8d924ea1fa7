package io.muster.server.tenancy;

import io.muster.server.layout.Word;
import io.muster.server.tenancy.CatalogueChanged.Change;
import java.time.Instant;
import java.util.List;

/** What the module above knows would follow from changes of the catalogue. */
public interface Consequences {

    /**
     * What follows from each of these, in their order. Asked in the transaction that made the changes, before it is undone.
     */
    List<Follow> of(List<Change> changes, Instant now);

    /**
     * What follows from one change.
     *
     * @param opens how many exposures it opens at once
     */
    record Follow(Word word, String text, long opens) {}
}
