package io.muster.server.heartbeat;

import java.util.List;

/**
 * Is told of changed checks in the transaction of the pings, deadlines, pauses, edits or deletions that changed them, and
 * in the order in which they are locked. What it throws undoes them too.
 */
public interface CheckListener {

    /** @return what the answers of some of the pings should say besides; empty for most */
    List<Verdict> on(ChecksChanged changed);
}
