package io.muster.server.tenancy;

import io.muster.server.layout.Table;
import java.util.List;

/** One residency policy with all that it extends, as its page shows it. */
public record PolicyView(String id, String name, String answer, List<Fact> facts, Table rules) {

    public record Fact(String name, String value, String small) {}
}
