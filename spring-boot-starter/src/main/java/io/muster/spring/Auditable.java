package io.muster.spring;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Each call of the method is an audit event: SUCCESS if it returns, DENIED if it throws Spring Security's {@code AccessDeniedException},
 * FAILURE with the exception's class (not its message, which may hold anything) if it throws another. A future is awaited. Within a
 * transaction of its caller it counts when that commits; if that rolls back, it is a FAILURE.
 *
 * <p>The expressions are SpEL, read after the call: {@code #name} is a parameter, {@code #result} what was returned (null if it threw),
 * {@code @name} a bean. One that cannot be read never harms the call: the event lacks it, and says so.
 *
 * <p>As with all of Spring's annotations, calls of a bean's method from within the same bean are not seen.
 */
@Documented
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
public @interface Auditable {
    /** The action, such as {@code invoice.pay}; stored in clear. */
    String value();

    /** Expression: to what, such as {@code 'invoices/' + #id}; stored in clear, so nothing personal. */
    String resource() default "";

    /** Expression: a map of what else is worth knowing, such as {@code {amount: #amount, number: #result.number}}. */
    String details() default "";

    /** Expression: whose personal data the details hold, if not that of the user. */
    String subject() default "";

    /** Expression: to whose log it belongs, if not the tenant of the call. */
    String tenant() default "";

    /** What kinds of data are touched, such as {@code pii}. */
    String[] dataCategories() default {};

    /** Whether all parameters are put into {@code details.parameters}, but for those that are {@link Masked}; of objects the type only. */
    boolean parameters() default false;
}
