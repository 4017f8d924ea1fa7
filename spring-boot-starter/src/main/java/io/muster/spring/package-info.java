/**
 * Audit events out of a Spring Boot application: {@link io.muster.spring.Auditable} methods, sign-ins and refusals of Spring Security, and
 * what code records itself with {@link io.muster.spring.MusterAudit}. Needs {@code muster.audit.url}; Security, servlets, transactions
 * and Actuator are used where they are.
 */
@NullMarked
package io.muster.spring;

import org.jspecify.annotations.NullMarked;
