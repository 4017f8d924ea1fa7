package io.muster.client;

/**
 * Hears what became of events. Called by the thread that sends ({@link #dropped} also by the one that called {@link AuditSender#send}),
 * so it must be quick; what it throws is logged, and changes nothing.
 */
public interface AuditListener {
    /** It is in its tenant's log. */
    default void recorded(AuditEvent event, Receipt receipt) {}

    /**
     * The server will never take it, and it is not sent again.
     *
     * @param status such as 422, 404 for a tenant that is not declared, 409 for an id that has another content
     * @param why the server's words
     */
    default void refused(AuditEvent event, int status, String why) {}

    /** There was no room for it, or the sender was closed before it could be sent; of what was in flight then, Muster may have some. */
    default void dropped(AuditEvent event) {}

    /** Nothing gets through, and what waits is tried again later; called once until something does. */
    default void away(String why) {}
}
