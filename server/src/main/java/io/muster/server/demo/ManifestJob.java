package io.muster.server.demo;

import io.muster.server.demo.Saas.BroughtHome;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import tools.jackson.databind.json.JsonMapper;

/** Says when it begins, and then what exactly it brought home: a manifest, the best that a job can report. */
record ManifestJob(String slug, Table table, String region, Saas saas, MusterApi muster) implements DemoJob {
    private static final JsonMapper JSON = new JsonMapper();

    @Override
    public void run(String uuid) {
        var run = "?rid=" + UUID.randomUUID();
        muster.ping("/ping/" + uuid + "/start" + run, "");
        try {
            var home = saas.bringHome(table, region);
            muster.ping("/ping/" + uuid + run, JSON.writeValueAsString(manifest(home)));
        } catch (SQLException failure) {
            muster.ping("/ping/" + uuid + "/fail" + run, region + ": " + DemoJob.reason(failure));
        }
    }

    private Map<String, Object> manifest(BroughtHome home) {
        var manifest = new LinkedHashMap<String, Object>();
        manifest.put("manifest", 1);
        manifest.put("region", region);
        manifest.put("watermark", home.watermark().toString());
        manifest.put("complete", true);
        manifest.put(
                "tenants",
                home.tenants().entrySet().stream()
                        .map(tenant -> Map.of(
                                "id", tenant.getKey(),
                                "rows", tenant.getValue().rows(),
                                "bytes", tenant.getValue().bytes(),
                                "deleted_at_source", tenant.getValue().rows()))
                        .toList());
        return manifest;
    }
}
