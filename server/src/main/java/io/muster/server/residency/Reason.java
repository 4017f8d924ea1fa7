package io.muster.server.residency;

/** Why data of a tenant is, or soon will be, where it may not be. */
enum Reason {
    /** The job's next report is overdue. */
    LATE,
    /** The job's last report was a failure. */
    FAILED,
    /** The job has never reported a success. */
    NEVER_RAN,
    /** The job said that it brought data to a region where it may not be. */
    WRONG_REGION,
    /** The job is on time, the data is not; or no job takes it away at all. */
    OVERSTAYED,
    /** The place would be allowed, were there a valid transfer on record. */
    NO_TRANSFER_RECORD
}
