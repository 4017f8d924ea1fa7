package io.muster.server.residency;

/** How we know what we say of a tenant's data; each beats the one before it. */
enum Evidence {
    /** From a ping that only said that its run went well, or from silence. */
    INFERRED,
    /** From a manifest: the job said which data it took home. */
    REPORTED,
    /** From a probe: Muster looked for itself. */
    MEASURED
}
