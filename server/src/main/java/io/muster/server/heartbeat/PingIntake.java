package io.muster.server.heartbeat;

import static java.util.Objects.requireNonNull;

import io.muster.server.access.Projects;
import io.muster.server.access.Proxies;
import io.muster.server.groupcommit.GroupCommit;
import jakarta.servlet.Filter;
import jakarta.servlet.http.HttpServletResponse;
import java.time.InstantSource;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;

/** Joins the parts that take pings in. */
@Configuration(proxyBeanMethods = false)
class PingIntake {

    @Bean(destroyMethod = "close")
    GroupCommit<Ping, PingAnswer> pingCommits(PingBatch batch, HeardChecks checks, PingProperties settings) {
        return new GroupCommit<>(
                batch,
                ping -> lane(ping, checks, settings.lanes()),
                new GroupCommit.Limits(
                        "ping", settings.queue(), settings.batch(), settings.lanes(), settings.patience()));
    }

    /** The first is for plain pings alone, so that a batch of them need not look at the checks before it writes. */
    private static int lane(Ping ping, HeardChecks checks, int lanes) {
        if (PlainPings.isPlain(ping, checks)) return 0;
        return 1 + Math.floorMod(ping.target().lane(), lanes - 1);
    }

    @Bean
    FilterRegistrationBean<PingFilter> pingFilter(
            GroupCommit<Ping, PingAnswer> commits,
            CheckRepository checks,
            Projects projects,
            Proxies proxies,
            InstantSource clock,
            PingProperties settings) {
        var filter = new FilterRegistrationBean<>(new PingFilter(commits, checks, projects, proxies, clock, settings));
        filter.addUrlPatterns("/ping/*", "/fail/*");
        filter.setOrder(Ordered.HIGHEST_PRECEDENCE);
        return filter;
    }

    @Bean
    FilterRegistrationBean<PingHost> pingHost(
            FilterRegistrationBean<PingFilter> pingFilter, Proxies proxies, PingUrls urls) {
        var filter = new FilterRegistrationBean<>(
                new PingHost(requireNonNull(pingFilter.getFilter()), proxies, urls.host()));
        filter.setEnabled(!urls.host().isEmpty());
        filter.setOrder(Ordered.HIGHEST_PRECEDENCE);
        return filter;
    }

    /** What HTTP alone costs in the place of a ping: for {@code ./muster bench} only. */
    @Bean
    FilterRegistrationBean<Filter> noop(@Value("${muster.bench:false}") boolean bench) {
        var filter = new FilterRegistrationBean<Filter>(
                (request, response, unused) -> PingFilter.ok((HttpServletResponse) response));
        filter.addUrlPatterns("/bench/noop");
        filter.setEnabled(bench);
        filter.setOrder(Ordered.HIGHEST_PRECEDENCE);
        return filter;
    }
}
