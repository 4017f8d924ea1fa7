package io.muster.server.tenancy;

import io.muster.server.keys.Cursors.Page;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** {@code GET /api/v1/policies?preset=true}: what Muster ships to be extended. */
@RestController
class PresetController {

    private final Presets presets;

    PresetController(Presets presets) {
        this.presets = presets;
    }

    @GetMapping(path = "/api/v1/policies", params = "preset=true")
    Page<?> list() {
        return new Page<>(presets.all(), null);
    }
}
