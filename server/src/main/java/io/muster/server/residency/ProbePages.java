package io.muster.server.residency;

import io.muster.server.problem.Problem;
import java.util.List;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;

/** "Probe now" on pages: looks, and goes back to where it was asked for, which then shows what was seen. */
@Controller
class ProbePages {

    private final ExposureBoard board;
    private final ProbeBoard probeBoard;
    private final ProbeRepository probes;
    private final ProbeRunner runner;

    ProbePages(ExposureBoard board, ProbeBoard probeBoard, ProbeRepository probes, ProbeRunner runner) {
        this.board = board;
        this.probeBoard = probeBoard;
        this.probes = probes;
        this.runner = runner;
    }

    @PostMapping("/exposures/{id}/probe")
    String ofExposure(@PathVariable long id) {
        var exposed = board.find(id).orElseThrow(() -> Problem.notFound("There is no exposure " + id + "."));
        var watching = probeBoard.probes(List.of(exposed.store()));
        if (watching.isEmpty()) throw Problem.notFound("No probe looks into store " + exposed.store() + ".");
        watching.forEach(probe -> look(probe.id()));
        return "redirect:/exposures/" + id + "#look";
    }

    @PostMapping("/probes/{id}/run")
    String ofStore(@PathVariable String id) {
        look(id);
        return "redirect:/catalogue?kind=stores";
    }

    private void look(String id) {
        var stored = probes.find(List.of(id)).get(id);
        if (stored == null) throw Problem.notFound("There is no probe " + id + ".");
        var _ = runner.run(id, stored.probe());
    }
}
