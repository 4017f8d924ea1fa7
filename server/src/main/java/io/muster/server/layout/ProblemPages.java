package io.muster.server.layout;

import gg.jte.TemplateEngine;
import gg.jte.output.StringOutput;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpServletResponseWrapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A problem that goes to a person becomes a page: what happened, what it means, one next step. */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE + 5)
class ProblemPages extends OncePerRequestFilter {

    private static final String PROBLEM = "application/problem+json";

    private final TemplateEngine templates;
    private final Assets assets;
    private final JsonMapper json;

    ProblemPages(TemplateEngine templates, Assets assets, JsonMapper json) {
        this.templates = templates;
        this.assets = assets;
        this.json = json;
    }

    @Override
    protected boolean shouldNotFilter(HttpServletRequest request) {
        var accept = request.getHeader("Accept");
        return accept == null
                || !accept.contains("text/html")
                || request.getHeader("HX-Request") != null
                || request.getRequestURI().startsWith("/api/");
    }

    @Override
    protected boolean shouldNotFilterErrorDispatch() {
        return false;
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        var caught = new Caught(response);
        chain.doFilter(request, caught);
        if (!caught.isProblem || response.isCommitted()) return;
        var problem = read(caught.bytes.toByteArray());
        var wrong = new ArrayList<String>();
        problem.path("errors")
                .forEach(each -> wrong.add(each.path("field").asString("") + " "
                        + each.path("message").asString("")));
        var output = new StringOutput();
        templates.render(
                "layout/problem.jte",
                Map.of(
                        "assets", assets,
                        "status", response.getStatus(),
                        "detail", problem.path("detail").asString(""),
                        "wrong", List.copyOf(wrong)),
                output);
        response.setContentType("text/html;charset=UTF-8");
        response.getOutputStream().write(output.toString().getBytes(StandardCharsets.UTF_8));
    }

    private JsonNode read(byte[] bytes) {
        try {
            return json.readTree(bytes);
        } catch (JacksonException broken) {
            return json.createObjectNode();
        }
    }

    /** Holds back the body of a problem; any other passes through. */
    private static final class Caught extends HttpServletResponseWrapper {

        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private boolean isProblem;

        Caught(HttpServletResponse response) {
            super(response);
        }

        private boolean catches(@Nullable String name, @Nullable String value) {
            if (!"Content-Type".equalsIgnoreCase(name) || value == null) return false;
            isProblem = value.startsWith(PROBLEM);
            return isProblem;
        }

        @Override
        public void setContentType(@Nullable String type) {
            if (!catches("Content-Type", type)) super.setContentType(type);
        }

        @Override
        public void setHeader(String name, @Nullable String value) {
            if (!catches(name, value) && !isLength(name)) super.setHeader(name, value);
        }

        @Override
        public void addHeader(String name, @Nullable String value) {
            if (!catches(name, value) && !isLength(name)) super.addHeader(name, value);
        }

        private boolean isLength(String name) {
            return isProblem && "Content-Length".equalsIgnoreCase(name);
        }

        @Override
        public void setContentLength(int length) {
            if (!isProblem) super.setContentLength(length);
        }

        @Override
        public void setContentLengthLong(long length) {
            if (!isProblem) super.setContentLengthLong(length);
        }

        @Override
        public void flushBuffer() throws IOException {
            if (!isProblem) super.flushBuffer();
        }

        @Override
        public ServletOutputStream getOutputStream() throws IOException {
            if (!isProblem) return super.getOutputStream();
            return new ServletOutputStream() {
                @Override
                public void write(int b) {
                    bytes.write(b);
                }

                @Override
                public boolean isReady() {
                    return true;
                }

                @Override
                public void setWriteListener(WriteListener listener) {
                    throw new IllegalStateException("not asynchronous");
                }
            };
        }

        @Override
        public PrintWriter getWriter() throws IOException {
            return isProblem ? new PrintWriter(bytes, true, StandardCharsets.UTF_8) : super.getWriter();
        }
    }
}
