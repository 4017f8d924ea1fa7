package io.muster.server.console;

import io.muster.server.layout.Nav;
import io.muster.server.layout.Pages;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.servlet.ModelAndView;

@Controller
class HomePage {
    private final Pages pages;

    HomePage(Pages pages) {
        this.pages = pages;
    }

    @GetMapping("/")
    @Nullable ModelAndView home(HttpServletRequest request, HttpServletResponse response) throws IOException {
        return pages.live(pages.page("Overview", Nav.OVERVIEW), "console/overview", Map.of(), request, response);
    }
}
