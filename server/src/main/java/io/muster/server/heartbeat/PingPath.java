package io.muster.server.heartbeat;

import java.util.HexFormat;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What the path of a ping says.
 *
 * @param exit as it was sent, may be above 255; null: the path names no exit code
 */
record PingPath(Address address, Kind action, @Nullable Integer exit) {

    /** Whom it names. */
    sealed interface Address {

        record OfCheck(UUID uuid) implements Address {}

        record OfProject(String pingKey, String slug) implements Address {}
    }

    /** Stands for every exit code above 255. */
    static final int TOO_BIG = 256;

    private static final Pattern WORD = Pattern.compile("[-a-zA-Z0-9_]{1,100}");
    private static final Pattern DIGITS = Pattern.compile("[0-9]+");

    /** @param path decoded; empty if it has none of the forms */
    static Optional<PingPath> parse(String path) {
        var parts = path.substring(1).split("/", -1);
        int length = parts.length > 2 && parts[parts.length - 1].isEmpty() ? parts.length - 1 : parts.length;
        if (parts[0].equals("fail")) {
            return length == 2
                    ? uuid(parts[1]).map(uuid -> new PingPath(new Address.OfCheck(uuid), Kind.FAIL, null))
                    : Optional.empty();
        }
        var uuid = length < 2 || length > 3 ? Optional.<UUID>empty() : uuid(parts[1]);
        if (uuid.isPresent()) {
            var ofCheck = new Address.OfCheck(uuid.get());
            if (length == 2) return Optional.of(new PingPath(ofCheck, Kind.SUCCESS, null));
            var said = said(ofCheck, parts[2]);
            if (said.isPresent()) return said;
        }
        if (length < 3 || length > 4 || !isWord(parts[1]) || !isWord(parts[2])) return Optional.empty();
        var ofProject = new Address.OfProject(parts[1], parts[2]);
        return length == 3 ? Optional.of(new PingPath(ofProject, Kind.SUCCESS, null)) : said(ofProject, parts[3]);
    }

    private static Optional<PingPath> said(Address address, String word) {
        return switch (word) {
            case "start" -> Optional.of(new PingPath(address, Kind.START, null));
            case "fail" -> Optional.of(new PingPath(address, Kind.FAIL, null));
            case "log" -> Optional.of(new PingPath(address, Kind.LOG, null));
            default -> {
                if (!DIGITS.matcher(word).matches()) yield Optional.empty();
                int exit = exit(word);
                yield Optional.of(new PingPath(address, exit == 0 ? Kind.SUCCESS : Kind.FAIL, exit));
            }
        };
    }

    private static int exit(String digits) {
        int start = 0;
        while (start < digits.length() - 1 && digits.charAt(start) == '0') start++;
        return digits.length() - start > 3 ? TOO_BIG : Math.min(TOO_BIG, Integer.parseInt(digits.substring(start)));
    }

    private static boolean isWord(String part) {
        return WORD.matcher(part).matches();
    }

    /** In either case, always with its dashes: {@link UUID#fromString} alone takes {@code 1-1-1-1-1} too. */
    static Optional<UUID> uuid(String text) {
        if (text.length() != 36) return Optional.empty();
        for (int i = 0; i < 36; i++) {
            char c = text.charAt(i);
            boolean dash = i == 8 || i == 13 || i == 18 || i == 23;
            if (dash ? c != '-' : !HexFormat.isHexDigit(c)) return Optional.empty();
        }
        return Optional.of(UUID.fromString(text));
    }
}
