package io.muster.server.layout;

/**
 * The part of a page that asks for itself again and again, and is answered 204 as long as it would be the same.
 *
 * @param url where it comes from
 * @param hash of all it says, but for how long ago things were, which the browser counts itself
 */
public record Live(String url, int seconds, String html, String hash) {}
