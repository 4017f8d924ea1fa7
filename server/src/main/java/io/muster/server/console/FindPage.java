package io.muster.server.console;

import io.muster.server.heartbeat.Checks;
import io.muster.server.layout.Pages;
import io.muster.server.tenancy.Catalogue;
import java.util.List;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.util.UriComponentsBuilder;

/** Finds a check, a store or a tenant: at once by its id, else by what it is called. */
@Controller
class FindPage {

    private final Pages pages;
    private final Checks checks;
    private final Catalogue catalogue;

    FindPage(Pages pages, Checks checks, Catalogue catalogue) {
        this.pages = pages;
        this.checks = checks;
        this.catalogue = catalogue;
    }

    @GetMapping("/find")
    String find(@RequestParam(defaultValue = "") String q) {
        var wanted = q.strip();
        if (wanted.isEmpty()) return "redirect:/";
        if (checks.find(pages.caller().project(), wanted).isPresent()) return "redirect:" + path("/checks/{q}", wanted);
        if (catalogue.store(wanted).isPresent()) return "redirect:" + path("/catalogue?kind=stores&q={q}", wanted);
        if (!catalogue.tenants(List.of(wanted)).isEmpty()) {
            return "redirect:" + path("/exposures?tenant={q}", wanted);
        }
        return "redirect:" + path("/catalogue?kind=tenants&q={q}", wanted);
    }

    private static String path(String template, String wanted) {
        return UriComponentsBuilder.fromUriString(template)
                .encode()
                .buildAndExpand(wanted)
                .toUriString();
    }
}
