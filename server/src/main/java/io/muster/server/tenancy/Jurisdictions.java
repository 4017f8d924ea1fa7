package io.muster.server.tenancy;

import io.muster.server.problem.Refused;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The words for places in policies and transfers, and the groups that stand for several of them. */
record Jurisdictions(Map<String, List<String>> groups) {

    private static final Set<String> OWN = Set.of("EU", "EEA", "UK", "US-GOV");
    private static final Set<String> COUNTRIES = Set.of(Locale.getISOCountries());
    private static final Map<String, List<String>> MEMBERS = Map.of(
            "EU",
            List.of(
                    "AT", "BE", "BG", "HR", "CY", "CZ", "DK", "EE", "FI", "FR", "DE", "GR", "HU", "IE", "IT", "LV",
                    "LT", "LU", "MT", "NL", "PL", "PT", "RO", "SK", "SI", "ES", "SE"),
            "EEA",
            List.of("NO", "IS", "LI"),
            "UK",
            List.of("GB"));

    /** Groups become their members; each entry once. */
    List<String> expand(List<String> places) {
        var all = new LinkedHashSet<String>();
        places.forEach(place -> all.addAll(groups.getOrDefault(place, List.of(place))));
        return List.copyOf(all);
    }

    /** Whether {@code place} of a transfer means {@code jurisdiction}, itself or as a member of a group. */
    boolean covers(String place, String jurisdiction) {
        return place.equals(jurisdiction)
                || groups.getOrDefault(place, List.of()).contains(jurisdiction);
    }

    /**
     * Why {@code place} can never match a region, if so.
     *
     * @param inUse the jurisdictions that regions have, which may be of the operator's own making
     */
    Optional<String> wrong(String place, Set<String> inUse) {
        if (OWN.contains(place) || inUse.contains(place) || groups.containsKey(place)) return Optional.empty();
        for (var members : MEMBERS.entrySet()) {
            if (members.getValue().contains(place)) {
                return Optional.of("names a country of the jurisdiction " + members.getKey()
                        + ": write that, or regions" + " such as region:eu-west-1; got " + place);
            }
        }
        var country = place.replaceFirst("-[A-Z0-9]{1,3}$", "");
        return COUNTRIES.contains(country)
                ? Optional.empty()
                : Optional.of("must be a jurisdiction such as EU, EEA, UK or US, a group such as EEA_ALL, or * or"
                        + " region:<code> where a list takes them; got " + Refused.shown(place));
    }
}
