package io.muster.server.audit;

import io.muster.merklelog.Hash;

/** Published in the transaction in which a log grew, or was signed as it is. */
record LogGrew(TenantLog log, long size, Hash root) {}
