package io.muster.server.heartbeat;

import io.muster.server.access.Projects;
import io.muster.server.layout.Nav;
import io.muster.server.layout.Pages;
import io.muster.server.problem.Problem;
import java.net.URI;
import java.util.ArrayList;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.servlet.ModelAndView;

/** The page about badges: what to paste where others shall see how jobs do. */
@Controller
class BadgePages {

    private static final int MOST = 25;

    private final Pages pages;
    private final Projects projects;
    private final CheckBoard board;
    private final BadgeKeys keys;

    BadgePages(Pages pages, Projects projects, CheckBoard board, BadgeKeys keys) {
        this.pages = pages;
        this.projects = projects;
        this.board = board;
        this.keys = keys;
    }

    @GetMapping("/badges")
    ModelAndView list(@RequestParam(defaultValue = "") String q) {
        var page = pages.page("Badges", Nav.CHECKS);
        var project =
                projects.find(page.caller().project()).orElseThrow(() -> Problem.notFound("There is no such project."));
        var tags = board.tags(project.id()).stream()
                .filter(tag -> tag.contains(q.strip()))
                .limit(MOST + 1L)
                .toList();
        var shown = new ArrayList<BadgesView.Shown>();
        if (q.isBlank()) shown.add(badge(0, null, keys.urls(project, BadgeKeys.ALL)));
        for (var tag : tags.subList(0, Math.min(MOST, tags.size()))) {
            shown.add(badge(shown.size(), tag, keys.urls(project, tag)));
        }
        return pages.show(
                page, "heartbeat/badges", Map.of("badges", new BadgesView(q.strip(), shown, tags.size() > MOST)));
    }

    private static BadgesView.Shown badge(int n, @Nullable String tag, Map<String, String> urls) {
        var two = urls.getOrDefault("svg", "");
        var three = urls.getOrDefault("svg3", "");
        var name = tag == null ? "All checks" : tag;
        var href = tag == null ? null : CheckFilter.of(Map.of("tag", tag)).url();
        return new BadgesView.Shown("b-" + n, href, new BadgeLinks(name, path(two), path(three), two, three));
    }

    private static String path(String url) {
        return URI.create(url).getRawPath();
    }
}
