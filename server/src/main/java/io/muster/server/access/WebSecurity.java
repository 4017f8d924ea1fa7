package io.muster.server.access;

import java.time.InstantSource;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.http.SessionCreationPolicy;
import org.springframework.security.config.observation.SecurityObservationSettings;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.access.intercept.AuthorizationFilter;
import org.springframework.security.web.header.writers.ReferrerPolicyHeaderWriter.ReferrerPolicy;

/** What Spring Security is used for: the firewall against odd requests, headers of answers, and whose request it is. */
@Configuration(proxyBeanMethods = false)
class WebSecurity {

    private static final String CONTENT_SECURITY_POLICY = "default-src 'self'; img-src 'self' data:;"
            + " frame-ancestors 'none'; base-uri 'none'; form-action 'self'; object-src 'none'";

    /** Each filter of the chain would count itself, which nobody looks at and each request pays for. */
    @Bean
    SecurityObservationSettings noObservations() {
        return SecurityObservationSettings.noObservations();
    }

    @Bean
    SecurityFilterChain web(
            HttpSecurity http,
            Access access,
            ApiKeys keys,
            AdminKey adminKey,
            Sessions sessions,
            AccessRecord record,
            InstantSource clock)
            throws Exception {
        return http.csrf(csrf -> csrf.disable()) // Gate does it, for sessions
                .anonymous(anonymous -> anonymous.disable())
                .logout(logout -> logout.disable())
                .requestCache(cache -> cache.disable())
                .sessionManagement(session -> session.sessionCreationPolicy(SessionCreationPolicy.STATELESS))
                .headers(headers -> headers.contentSecurityPolicy(
                                policy -> policy.policyDirectives(CONTENT_SECURITY_POLICY))
                        .frameOptions(frames -> frames.deny())
                        .referrerPolicy(referrer -> referrer.policy(ReferrerPolicy.SAME_ORIGIN)))
                .addFilterBefore(new Gate(access, keys, adminKey, sessions, record, clock), AuthorizationFilter.class)
                .build();
    }
}
