package io.muster.client;

import java.time.Instant;
import java.util.UUID;

/**
 * Muster's promise that an event is in its tenant's log; the proof is at {@code /api/v1/audit/events/<eventId>/proof}.
 *
 * @param sequence its index in the tenant's log, from 0
 * @param leafHash of the log's Merkle tree, in base64
 * @param receivedAt when Muster took it
 * @param duplicate whether it was there already, as after an answer that got lost
 */
public record Receipt(
        UUID eventId, String tenantId, long sequence, String leafHash, Instant receivedAt, boolean duplicate) {}
