package io.muster.server.heartbeat;

/**
 * A badge as pages offer it.
 *
 * @param path of the picture that knows up and down, on this server
 * @param path3 of the one that also knows late
 * @param url the first one's whole address
 */
public record BadgeLinks(String name, String path, String path3, String url, String url3) {

    public String markdown() {
        return "![" + name.replace("\\", "\\\\").replace("]", "\\]") + "](" + url3 + ")";
    }

    /** As an element of HTML. */
    public String html() {
        return "<img src=\"" + url3 + "\" alt=\""
                + name.replace("&", "&amp;").replace("\"", "&quot;").replace("<", "&lt;") + "\">";
    }
}
