package io.muster.server.tenancy;

import io.muster.server.layout.Chip;
import io.muster.server.layout.State;
import io.muster.server.layout.Table;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** One kind of what is declared, as the catalogue's page shows it. */
public record CatalogueView(
        State state,
        String answer,
        List<Tab> tabs,
        String kind,
        @Nullable Filter filter,
        List<Chip> chips,
        Table table,
        String foot,
        @Nullable String next,
        Choices choices) {

    /** What the button declares: the kind that is looked at. */
    public String declares() {
        return switch (kind) {
            case "regions" -> "region";
            case "policies" -> "policy";
            case "tiers" -> "tier";
            case "stores" -> "store";
            case "transfers" -> "transfer";
            default -> "tenant";
        };
    }

    public record Tab(
            String kind,
            String title,
            String href,
            @Nullable Long count,
            boolean active) {}

    /** @param state {@code violation}, {@code at_risk}, or empty: any */
    public record Filter(String q, String tier, String policy, String state) {
        public boolean narrows() {
            return !q.isEmpty() || !tier.isEmpty() || !policy.isEmpty() || !state.isEmpty();
        }

        boolean takes(Tenant tenant) {
            return (tier.isEmpty() || tier.equals(tenant.tier()))
                    && (policy.isEmpty() || policy.equals(tenant.policy()))
                    && (q.isEmpty()
                            || tenant.id().contains(q.toLowerCase(Locale.ROOT))
                            || tenant.name().toLowerCase(Locale.ROOT).contains(q.toLowerCase(Locale.ROOT)));
        }
    }

    /** What tenants can be narrowed to. */
    public record Choices(List<String> tiers, List<String> policies) {}
}
