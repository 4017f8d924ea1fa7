package io.muster.server.residency;

import io.muster.server.layout.Figures;
import io.muster.server.layout.Word;
import io.muster.server.residency.ExposureBoard.Exposed;
import io.muster.server.tenancy.Catalogue;
import io.muster.server.tenancy.Region;
import io.muster.server.tenancy.Tenant;
import java.util.Locale;
import java.util.Map;

/** The words of exposures on pages. */
final class Saying {

    static Word state(String state) {
        return switch (state) {
            case "VIOLATION" -> Word.bad("Violation");
            case "AT_RISK" -> Word.warn("At risk");
            case "CLOSED" -> Word.ok("Closed");
            default -> throw new IllegalStateException("unknown state " + state);
        };
    }

    static String reason(String reason) {
        return switch (reason) {
            case "FAILED" -> "the job failed";
            case "LATE" -> "the job is late";
            case "NEVER_RAN" -> "the job never ran";
            case "OVERSTAYED" -> "data overstays";
            case "WRONG_REGION" -> "wrong region reported";
            case "NO_TRANSFER_RECORD" -> "no transfer record";
            default -> reason.toLowerCase(Locale.ROOT).replace('_', ' ');
        };
    }

    static String evidence(String evidence) {
        return Figures.capital(evidence.toLowerCase(Locale.ROOT));
    }

    /** Who may be found: {@code all}, {@code policy:eu-only}, {@code 12 tenants}. */
    static String whose(String selectorJson) {
        if (!selectorJson.startsWith("[")) return selectorJson.replace("\"", "");
        return Figures.count(
                selectorJson.equals("[]")
                        ? 0
                        : selectorJson.chars().filter(c -> c == ',').count() + 1,
                "tenant");
    }

    static String tenantName(Map<String, Tenant> tenants, Exposed exposed) {
        var tenant = tenants.get(exposed.tenant());
        return tenant == null ? exposed.tenant() : tenant.name();
    }

    static String tier(Map<String, Tenant> tenants, String id) {
        var tenant = tenants.get(id);
        return tenant == null ? "unknown" : tenant.tier();
    }

    static String city(Catalogue catalogue, String region) {
        return catalogue.region(region).map(Saying::city).orElse(region);
    }

    /** The region's name, as people call it; its code is beside it. */
    static String city(Region region) {
        return region.city().isBlank() ? region.name() : region.city();
    }

    private Saying() {}
}
