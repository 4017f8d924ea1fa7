package io.muster.server.console;

import io.muster.server.access.BaseUrl;
import io.muster.server.heartbeat.Checks;
import io.muster.server.heartbeat.PingUrls;
import io.muster.server.incident.Channels;
import io.muster.server.layout.Figures;
import io.muster.server.layout.Nav;
import io.muster.server.layout.Page;
import io.muster.server.layout.Pages;
import io.muster.server.residency.ProbeBoard;
import io.muster.server.tenancy.Catalogue;
import io.muster.server.tenancy.CatalogueBoard;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.servlet.ModelAndView;

/** Three steps to the first watched job. */
@Controller
class FirstRunPage {

    private static final int LOOKED_AT = 20;

    private final Pages pages;
    private final Checks checks;
    private final ProbeBoard probes;
    private final Catalogue catalogue;
    private final CatalogueBoard declared;
    private final Channels channels;
    private final BaseUrl baseUrl;
    private final PingUrls pings;

    FirstRunPage(
            Pages pages,
            Checks checks,
            ProbeBoard probes,
            Catalogue catalogue,
            CatalogueBoard declared,
            Channels channels,
            BaseUrl baseUrl,
            PingUrls pings) {
        this.pages = pages;
        this.checks = checks;
        this.probes = probes;
        this.catalogue = catalogue;
        this.declared = declared;
        this.channels = channels;
        this.baseUrl = baseUrl;
        this.pings = pings;
    }

    @GetMapping("/first-run")
    @Nullable ModelAndView firstRun(HttpServletRequest request, HttpServletResponse response) throws IOException {
        var page = pages.page("First steps", Nav.OVERVIEW);
        return pages.live(page, "console/first-run", Map.of("steps", view(page)), request, response);
    }

    private FirstRunView view(Page page) {
        var jobs = checks.page(page.caller().project(), null, LOOKED_AT);
        var first = jobs.stream()
                .filter(check -> check.lastPing() == null)
                .findFirst()
                .or(() -> jobs.stream().findFirst());
        var totals = declared.totals();
        var words = new ArrayList<String>();
        words.add(Figures.count(totals.getOrDefault("policies", 0L), "policy"));
        words.add(Figures.count(totals.getOrDefault("tenants", 0L), "tenant"));
        words.add(Figures.count(totals.getOrDefault("stores", 0L), "store"));
        words.add(Figures.count(jobs.size(), "job") + (jobs.size() == LOOKED_AT ? " or more" : ""));
        var mayWrite = page.caller().admin() || page.caller().mayWrite();
        return new FirstRunView(
                !jobs.isEmpty(),
                jobs.stream().anyMatch(check -> check.lastPing() != null),
                probes.anyProbe(),
                String.join(", ", words) + ".",
                first.map(check -> check.jobId()).orElse(null),
                first.map(check -> check.name()).orElse(null),
                mayWrite ? first.map(check -> pings.of(check.uuid())).orElse(null) : null,
                first.filter(check -> check.lastPing() == null)
                        .map(check -> check.createdAt())
                        .orElse(null),
                baseUrl.url(""),
                catalogue.regions().size(),
                declared.presets(),
                channels.compatible().size());
    }
}
