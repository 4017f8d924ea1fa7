package io.muster.server.console;

import java.time.Instant;
import java.time.OffsetDateTime;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;

@Controller
class HomePage {
    private final JdbcClient db;
    private final Assets assets;

    HomePage(JdbcClient db, Assets assets) {
        this.db = db;
        this.assets = assets;
    }

    @GetMapping("/")
    String home(Model model) {
        model.addAttribute("assets", assets).addAttribute("since", since());
        return "console/home";
    }

    private Instant since() {
        return db.sql("select since from installation")
                .query(OffsetDateTime.class)
                .single()
                .toInstant();
    }
}
