package io.muster.server.heartbeat;

import io.muster.server.access.Projects;
import java.time.InstantSource;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import tools.jackson.databind.json.JsonMapper;

/** Puts badges before the security of the pages: they are public. */
@Configuration(proxyBeanMethods = false)
class Badges {

    @Bean
    FilterRegistrationBean<BadgeFilter> badgeFilter(
            Projects projects,
            CheckRepository checks,
            CheckBoard board,
            BadgeKeys keys,
            InstantSource clock,
            JsonMapper json) {
        var filter = new FilterRegistrationBean<>(new BadgeFilter(projects, checks, board, keys, clock, json));
        filter.addUrlPatterns("/badge/*", "/b/*");
        filter.setOrder(Ordered.HIGHEST_PRECEDENCE);
        return filter;
    }
}
