package io.muster.server.console;

import io.muster.server.heartbeat.CheckBoard;
import io.muster.server.layout.Nav;
import io.muster.server.layout.Pages;
import io.muster.server.tenancy.CatalogueBoard;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.servlet.ModelAndView;

/** The first page: all at a glance, or the way to the first watched job while nothing is watched. */
@Controller
class HomePage {

    private final Pages pages;
    private final Overview overview;
    private final CheckBoard checks;
    private final CatalogueBoard catalogue;

    HomePage(Pages pages, Overview overview, CheckBoard checks, CatalogueBoard catalogue) {
        this.pages = pages;
        this.overview = overview;
        this.checks = checks;
        this.catalogue = catalogue;
    }

    @GetMapping("/")
    @Nullable ModelAndView home(HttpServletRequest request, HttpServletResponse response) throws IOException {
        var page = pages.page("Overview", Nav.OVERVIEW);
        var counts = checks.counts(page.caller().project(), page.now());
        if (counts.isEmpty() && catalogue.totals().getOrDefault("tenants", 0L) == 0) {
            return new ModelAndView("redirect:/first-run");
        }
        var view = overview.view(page.caller(), counts, page.now());
        return pages.live(page, "console/overview", Map.of("overview", view), request, response);
    }
}
