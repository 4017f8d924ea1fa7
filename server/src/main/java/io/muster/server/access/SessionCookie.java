package io.muster.server.access;

import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.time.Duration;
import java.util.Optional;
import org.springframework.http.HttpHeaders;
import org.springframework.http.ResponseCookie;

/** The cookie that holds a session's token: no script can read it, no other site's form sends it. */
final class SessionCookie {

    private static final String NAME = "muster_session";

    static Optional<String> token(HttpServletRequest request) {
        var cookies = request.getCookies();
        if (cookies == null) return Optional.empty();
        for (Cookie cookie : cookies) {
            if (cookie.getName().equals(NAME)) return Optional.of(cookie.getValue());
        }
        return Optional.empty();
    }

    static void set(HttpServletResponse response, String token, boolean https) {
        write(response, token, https, Sessions.LONGEST);
    }

    static void clear(HttpServletResponse response, boolean https) {
        write(response, "", https, Duration.ZERO);
    }

    private static void write(HttpServletResponse response, String token, boolean https, Duration age) {
        response.addHeader(
                HttpHeaders.SET_COOKIE,
                ResponseCookie.from(NAME, token)
                        .httpOnly(true)
                        .secure(https)
                        .sameSite("Lax")
                        .path("/")
                        .maxAge(age)
                        .build()
                        .toString());
    }

    private SessionCookie() {}
}
