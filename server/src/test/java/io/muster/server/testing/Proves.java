package io.muster.server.testing;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Which lines of {@code heartbeat/acceptance.txt} a test proves. Each line has such a test: see {@code AcceptanceTest}. */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
public @interface Proves {

    /** Ids, such as {@code P17}. */
    String[] value();
}
