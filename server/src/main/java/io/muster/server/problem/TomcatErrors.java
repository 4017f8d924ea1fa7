package io.muster.server.problem;

import java.io.IOException;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.core.StandardHost;
import org.apache.catalina.valves.ErrorReportValve;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.stereotype.Component;

/** What Tomcat refuses before any filter, such as an address that is none: a problem too, instead of Tomcat's own page. */
@Component
class TomcatErrors implements WebServerFactoryCustomizer<TomcatServletWebServerFactory> {

    @Override
    public void customize(TomcatServletWebServerFactory factory) {
        factory.addContextCustomizers(context -> {
            if (context.getParent() instanceof StandardHost host) {
                host.setErrorReportValveClass(ProblemValve.class.getName());
            }
        });
    }

    /** Made by Tomcat, by its name. */
    public static final class ProblemValve extends ErrorReportValve {

        @Override
        protected void report(Request request, Response response, @Nullable Throwable failure) {
            int status = response.getStatus();
            if (status < 400 || response.getContentWritten() > 0 || !response.setErrorReported()) return;
            try {
                response.setContentType("application/problem+json");
                response.setHeader("X-Content-Type-Options", "nosniff");
                response.getOutputStream().print("""
                        {"detail":"%s","status":%d,"title":"%s","type":"/problems/%s"}""".formatted(
                                GenericProblems.detail(status),
                                status,
                                GenericProblems.title(status),
                                GenericProblems.name(status)));
                response.finishResponse();
            } catch (IOException | IllegalStateException gone) {
                container.getLogger().debug("the caller is gone", gone);
            }
        }
    }
}
