package io.muster.server.access;

import io.muster.server.problem.Problem;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

/** {@code /api/v1/projects/<id>}. */
@RestController
class ProjectsController {

    /** A project; its ping key only for who may write its checks. */
    record ProjectAnswer(
            String id,
            UUID uuid,
            String name,
            @Nullable String tenant,
            @Nullable String pingKey,
            String badgeKey) {}

    private final Projects projects;
    private final Access access;

    ProjectsController(Projects projects, Access access) {
        this.projects = projects;
        this.access = access;
    }

    @GetMapping("/api/v1/projects/{id}")
    ProjectAnswer get(@PathVariable String id) {
        var caller = access.caller();
        var project = projects.find(id)
                .filter(found -> mayRead(caller, found))
                .orElseThrow(() -> Problem.notFound("There is no such project."));
        return new ProjectAnswer(
                project.id(),
                project.uuid(),
                project.name(),
                project.tenant(),
                caller.admin() || caller.mayWrite() ? project.pingKey() : null,
                project.badgeKey());
    }

    private static boolean mayRead(Caller caller, Project project) {
        if (caller.tenant() != null) return caller.tenant().equals(project.tenant());
        return caller.admin() || caller.project().equals(project.id());
    }
}
