package io.muster.server.layout;

/** The main pages, in the order of the menu. */
public enum Nav {
    OVERVIEW("", "Overview", "/", "layout-dashboard"),
    CHECKS("Residency", "Checks", "/checks", "heartbeat"),
    RESIDENCY("Residency", "Data location", "/residency", "map-pin"),
    AUDIT("Audit", "Audit trail", "/audit", "list-search"),
    CATALOGUE("Set-up", "Catalogue", "/catalogue", "stack-2"),
    CHANNELS("Set-up", "Alert channels", "/channels", "bell-ringing"),
    KEYS("Set-up", "API keys", "/keys", "key");

    private final String group;
    private final String title;
    private final String path;
    private final String icon;

    Nav(String group, String title, String path, String icon) {
        this.group = group;
        this.title = title;
        this.path = path;
        this.icon = icon;
    }

    public String group() {
        return group;
    }

    public String title() {
        return title;
    }

    public String path() {
        return path;
    }

    public String icon() {
        return icon;
    }

    /** Whether a heading stands above it. */
    public boolean beginsGroup() {
        return ordinal() > 0 && !values()[ordinal() - 1].group.equals(group);
    }
}
