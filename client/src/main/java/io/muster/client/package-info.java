/**
 * Brings audit events to a Muster server from the application in which they happen: {@link io.muster.client.AuditSender}.
 * Buffers, sends in batches in the background, tries again without recording anything twice, and says what was lost.
 */
@NullMarked
package io.muster.client;

import org.jspecify.annotations.NullMarked;
