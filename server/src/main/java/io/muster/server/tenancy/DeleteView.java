package io.muster.server.tenancy;

import java.util.List;

/**
 * What is about to be deleted.
 *
 * @param usedBy what refers to it, {@code tenants/acme}, the first 100; empty: nothing that is known
 * @param total how many refer to it
 */
public record DeleteView(String kind, String noun, String id, List<String> usedBy, int total) {}
