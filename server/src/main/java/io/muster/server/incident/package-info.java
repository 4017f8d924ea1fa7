/**
 * Carries alerts to people, and knows of each whether it arrived.
 *
 * <p>In: alerts, raised in the transaction of their cause. They are sorted into topics ({@link
 * io.muster.server.incident.AlertSorting}), put together into one message for each channel ({@link
 * io.muster.server.incident.GroupDeadline}), and tried until they arrive or are given up ({@link
 * io.muster.server.incident.DeliveryDeadline}). Out: calls to the channels, after the commit.
 */
@ApplicationModule(
        allowedDependencies = {"access", "audit", "deadline", "embedded", "keys", "layout", "problem", "tenancy"})
@NullMarked
package io.muster.server.incident;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
