package io.muster.server.access;

import io.muster.server.problem.Problem;
import io.muster.server.problem.Refused;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.net.URI;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.info.BuildProperties;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.servlet.ModelAndView;
import org.springframework.web.servlet.resource.ResourceUrlProvider;

/** The pages for who is not signed in yet. They work without scripts. */
@Controller
public class SignInPage {

    /** What all of these pages need. */
    public record Frame(String title, Instant now, String host, String version, UnaryOperator<String> assets) {}

    /**
     * What was typed, and what is wrong with it.
     *
     * @param token of the link by which somebody came; empty without one
     * @param to where to go afterwards
     * @param field what {@code error} is about; empty if it is about all
     */
    public record Form(
            String token,
            String to,
            String email,
            String field,
            @Nullable String error) {}

    private final SignIn signIn;
    private final SignInLinks links;
    private final Accounts accounts;
    private final Sessions sessions;
    private final Access access;
    private final BaseUrl baseUrl;
    private final InstantSource clock;
    private final ResourceUrlProvider urls;
    private final String version;

    SignInPage(
            SignIn signIn,
            SignInLinks links,
            Accounts accounts,
            Sessions sessions,
            Access access,
            BaseUrl baseUrl,
            InstantSource clock,
            ResourceUrlProvider urls,
            ObjectProvider<BuildProperties> build) {
        this.signIn = signIn;
        this.links = links;
        this.accounts = accounts;
        this.sessions = sessions;
        this.access = access;
        this.baseUrl = baseUrl;
        this.clock = clock;
        this.urls = urls;
        var properties = build.getIfAvailable();
        this.version = properties == null ? "" : "v" + properties.getVersion();
    }

    /** Consumes nothing: mail programs and chats open links to show what is behind them. */
    @GetMapping("/sign-in")
    @Nullable ModelAndView show(
            @RequestParam(defaultValue = "") String token,
            @RequestParam(defaultValue = "/") String to,
            HttpServletRequest request,
            HttpServletResponse response) {
        if (!token.isEmpty()) return link(new Form(token, "/", "", "", null));
        var signedIn = SessionCookie.token(request).flatMap(session -> sessions.find(session, clock.instant()));
        if (signedIn.isPresent()) return seeOther(inside(to), response);
        return form(new Form("", inside(to), "", "", null));
    }

    @PostMapping(path = "/sign-in", consumes = MediaType.APPLICATION_FORM_URLENCODED_VALUE)
    @Nullable ModelAndView signIn(
            @RequestParam(defaultValue = "") String token,
            @RequestParam(defaultValue = "/") String to,
            @RequestParam(defaultValue = "") String email,
            @RequestParam(defaultValue = "") String password,
            HttpServletRequest request,
            HttpServletResponse response) {
        refuseOtherSites(request);
        var form = new Form(token, inside(to), email, "", null);
        try {
            var from = access.caller();
            var session = token.isEmpty()
                    ? Optional.of(signIn.byPassword(Accounts.email(email), password, from))
                    : signIn.byLink(token, Accounts.email(email), Passwords.checked(password), from);
            if (session.isEmpty()) return link(form);
            SessionCookie.token(request).ifPresent(sessions::close);
            SessionCookie.set(response, session.get(), isHttps(request));
            return seeOther(form.to(), response);
        } catch (Refused refused) {
            return again(form, refused.field(), refused.getMessage(), HttpStatus.UNPROCESSABLE_CONTENT);
        } catch (Problem problem) {
            problem.headers().forEach(response::setHeader);
            return again(form, "", problem.getMessage(), problem.status());
        }
    }

    @PostMapping("/sign-out")
    @Nullable ModelAndView signOut(HttpServletRequest request, HttpServletResponse response) {
        SessionCookie.token(request).ifPresent(token -> signIn.out(token, access.caller()));
        SessionCookie.clear(response, isHttps(request));
        return seeOther("/sign-in", response);
    }

    /** Answered; there is nothing to show. */
    private static @Nullable ModelAndView seeOther(String path, HttpServletResponse response) {
        response.setStatus(HttpStatus.SEE_OTHER.value());
        response.setHeader(HttpHeaders.LOCATION, path);
        return null;
    }

    private ModelAndView again(Form form, String field, @Nullable String error, HttpStatus status) {
        var wrong = new Form(form.token(), form.to(), form.email(), field, error);
        var page = form.token().isEmpty() ? form(wrong) : link(wrong);
        if (page.getStatus() == null) page.setStatus(status);
        return page;
    }

    private ModelAndView form(Form form) {
        return page("access/sign-in", "Sign in").addObject("form", form).addObject("nobodyYet", !accounts.any());
    }

    private ModelAndView link(Form form) {
        var until = links.validUntil(form.token(), clock.instant());
        if (until.isEmpty()) {
            var used = page("access/link-used", "Link used")
                    .addObject("usedAt", links.usedAt(form.token()).orElse(null));
            used.setStatus(HttpStatus.GONE);
            return used;
        }
        return page("access/link", "Sign in by link")
                .addObject("form", form)
                .addObject("until", until.get())
                .addObject("first", !accounts.any());
    }

    private ModelAndView page(String template, String title) {
        var host = URI.create(baseUrl.url("/")).getHost();
        return new ModelAndView(
                template, Map.of("frame", new Frame(title, clock.instant(), host, version, this::asset)));
    }

    private String asset(String file) {
        var url = urls.getForLookupPath("/assets/" + file);
        if (url == null) throw new IllegalArgumentException("no file static/assets/" + file);
        return url;
    }

    private boolean isHttps(HttpServletRequest request) {
        return request.isSecure() || baseUrl.isHttps();
    }

    /** Where nobody is signed in yet there is no token to compare; browsers say themselves where a form came from. */
    private static void refuseOtherSites(HttpServletRequest request) {
        var site = request.getHeader("Sec-Fetch-Site");
        var origin = request.getHeader("Origin");
        var own = site != null
                ? site.equals("same-origin") || site.equals("none")
                : origin == null || origin.replaceFirst("^https?://", "").equals(request.getHeader("Host"));
        if (!own) throw new Problem(HttpStatus.FORBIDDEN, "csrf", "This form was not sent by Muster's own page.");
    }

    /** A path of ours, whatever the address said. */
    static String inside(String to) {
        return to.matches("/(?![/\\\\])[!-~&&[^\\\\]]{0,1000}") ? to : "/";
    }
}
