package io.muster.server;

import io.muster.server.embedded.CannotStart;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Locale;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.web.server.PortInUseException;
import org.springframework.core.convert.ConversionFailedException;

/** What stopped the start, in the one line that a person needs. */
final class StartFailure {

    static String oneLine(Throwable failure) {
        var cause = failure;
        var setting = "";
        while (!(cause instanceof CannotStart) && cause.getCause() != null) {
            if (cause instanceof PortInUseException taken) {
                return "port " + taken.getPort() + " is in use: choose another with --port";
            }
            if (cause instanceof BindException bind) setting = bind.getName().toString();
            if (cause instanceof ConversionFailedException wrong && !setting.isEmpty()) {
                return word(setting) + " must be " + kind(wrong.getTargetType().getObjectType()) + "; got "
                        + wrong.getValue();
            }
            cause = cause.getCause();
        }
        var text = cause.getMessage() == null ? cause.toString() : cause.getMessage();
        return text.replaceAll("\\s*\\R\\s*", " ");
    }

    /** Ours as the environment has them, Spring's own as they are. */
    private static String word(String property) {
        var ours = property.replace("server.port", "muster.port").replace("server.address", "muster.host");
        return ours.startsWith("muster.")
                ? ours.replace('.', '_').replace('-', '_').toUpperCase(Locale.ROOT)
                : property;
    }

    private static String kind(Class<?> type) {
        if (type == Duration.class) return "a time such as 90s, 12h or P400D";
        if (type == Integer.class || type == Long.class) return "a whole number";
        if (type == Boolean.class) return "true or false";
        if (type == InetAddress.class) return "an address of this machine, such as 127.0.0.1";
        return "a value of the kind " + type.getSimpleName();
    }

    private StartFailure() {}
}
