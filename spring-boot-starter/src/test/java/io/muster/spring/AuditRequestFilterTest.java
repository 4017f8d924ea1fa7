package io.muster.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.servlet.ServletException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;

class AuditRequestFilterTest {
    private final AuditRequestFilter filter = new AuditRequestFilter(new TrustedProxies(List.of()));
    private final MockHttpServletRequest request = new MockHttpServletRequest("GET", "/");

    @Test
    void nothing_is_left_on_the_thread_when_the_request_ends_even_badly() {
        assertThatThrownBy(() -> filter.doFilter(request, new MockHttpServletResponse(), (same, response) -> {
                    assertThat(CurrentRequest.get()).isNotNull();
                    throw new ServletException("bad");
                }))
                .hasMessage("bad");
        assertThat(CurrentRequest.get()).isNull();
    }

    @Test
    void secrets_of_the_headers_are_not_kept_and_a_trace_is_one_only_if_it_is_well_formed() throws Exception {
        request.addHeader("Authorization", "Basic x");
        request.addHeader("Cookie", "SESSION=x");
        request.addHeader("X-Tenant", "acme");
        request.addHeader("traceparent", "00-" + "x".repeat(32) + "-00f067aa0ba902b7-01");
        var seen = new ArrayList<AuditContext>();
        filter.doFilter(
                request,
                new MockHttpServletResponse(),
                (same, response) -> seen.add(CurrentRequest.get().context()));
        assertThat(seen.getFirst().headers()).containsOnlyKeys("x-tenant", "traceparent");
        assertThat(seen.getFirst().header("X-TENANT")).isEqualTo("acme");
        assertThat(seen.getFirst().traceId()).isNull();
        assertThat(seen.getFirst().ip()).isEqualTo("127.0.0.1");
    }
}
