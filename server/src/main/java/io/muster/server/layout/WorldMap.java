package io.muster.server.layout;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.ClassPathResource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The world with marks on it, drawn by the server: so it prints, works without script and weighs little. The land is
 * Natural Earth's, merged to jurisdictions, in the Natural Earth I projection; a picture of {@link #WIDTH} by
 * {@link #HEIGHT}.
 *
 * @param words what it shows, for those who do not see it
 */
public record WorldMap(String words, List<Area> areas, List<Line> lines, List<Mark> marks) {

    public static final int WIDTH = 970;
    public static final int HEIGHT = 470;

    private static final double SCALE = 3.4;
    private static final double WEST = 414.5;
    private static final double NORTH = 251.7;
    private static final double LETTER = 7.2; // mean width of a letter of the labels
    private static final int NEAR = 11; // from the middle of a mark to its label

    private static final List<Land> LANDS = lands();

    /** A jurisdiction, or all others together; {@code path} as of SVG. */
    private record Land(String name, String path) {}

    public record Area(
            String name, String path, String css, @Nullable String title) {}

    public record Line(String path, State state, String title) {}

    /** @param label its name and, if that is not good, its state; null where there is no room */
    public record Mark(
            String x,
            String y,
            State state,
            String title,
            @Nullable Label label) {}

    public record Label(
            String x,
            String y,
            String anchor,
            String name,
            @Nullable String word) {}

    /** What is to be marked. @param word shown below the name; null: all is well */
    public record Spot(
            String key,
            double lat,
            double lon,
            State state,
            String name,
            @Nullable String word,
            String title) {}

    /** From one spot to another, by their keys. */
    public record Way(String from, String to, State state, String title) {}

    /** How an area is filled. @param title null: without */
    public record Fill(String css, @Nullable String title) {}

    /** @param fill of a jurisdiction by its name, such as {@code EU / EEA}, or {@code Rest of world} */
    public static WorldMap of(String words, Function<String, Fill> fill, List<Spot> spots, List<Way> ways) {
        var areas = LANDS.stream()
                .map(land -> {
                    var how = fill.apply(land.name);
                    return new Area(land.name, land.path, how.css(), how.title());
                })
                .toList();
        var lines = new ArrayList<Line>();
        for (var way : ways) {
            var from = spot(spots, way.from());
            var to = spot(spots, way.to());
            if (from != null && to != null) lines.add(new Line(curve(from, to), way.state(), way.title()));
        }
        return new WorldMap(words, areas, List.copyOf(lines), marks(spots, ways));
    }

    private static @Nullable Spot spot(List<Spot> spots, String key) {
        return spots.stream().filter(each -> each.key().equals(key)).findFirst().orElse(null);
    }

    private record Box(double left, double top, double right, double bottom) {
        private boolean meets(Box other) {
            return left < other.right && other.left < right && top < other.bottom && other.top < bottom;
        }
    }

    /** The worst are labelled first, each where nothing is yet. */
    private static List<Mark> marks(List<Spot> spots, List<Way> ways) {
        var taken = new ArrayList<Box>();
        for (var way : ways) {
            var from = spot(spots, way.from());
            var to = spot(spots, way.to());
            if (from != null && to != null) taken.addAll(along(from, to));
        }
        for (var each : spots) {
            var x = x(each.lat(), each.lon());
            var y = y(each.lat());
            taken.add(new Box(x - 6, y - 6, x + 6, y + 6));
        }
        var marks = new ArrayList<Mark>();
        for (var each : spots.stream()
                .sorted(java.util.Comparator.comparing(Spot::state))
                .toList()) {
            marks.add(new Mark(
                    number(x(each.lat(), each.lon())),
                    number(y(each.lat())),
                    each.state(),
                    each.title(),
                    label(each, taken)));
        }
        return List.copyOf(marks.reversed());
    }

    private static @Nullable Label label(Spot spot, List<Box> taken) {
        var x = x(spot.lat(), spot.lon());
        var y = y(spot.lat());
        var word = spot.word();
        var width = Math.max(spot.name().length(), word == null ? 0 : word.length()) * LETTER;
        var height = word == null ? 15 : 30;
        for (var side : List.of("right", "above", "below", "left")) {
            var left = switch (side) {
                case "right" -> x + NEAR;
                case "left" -> x - NEAR - width;
                default -> x - width / 2;
            };
            var top = switch (side) {
                case "below" -> y + NEAR - 2;
                case "above" -> y - NEAR - height + 2;
                default -> y - height / 2.0;
            };
            var box = new Box(left, top, left + width, top + height);
            var last = side.equals("left") && spot.state() != State.OK; // a bad one is named in any case
            if (!last && (box.left < 0 || box.right > WIDTH || taken.stream().anyMatch(box::meets))) continue;
            taken.add(box);
            return new Label(
                    number(side.equals("right") ? x + NEAR : side.equals("left") ? x - NEAR : x),
                    number(top + 12),
                    side.equals("right") ? "start" : side.equals("left") ? "end" : "middle",
                    spot.name(),
                    word);
        }
        return null;
    }

    /** Where an arc between two spots begins, bends and ends: to the north, as the way over the globe does. */
    private record Arc(double x1, double y1, double cx, double cy, double x2, double y2) {

        private static Arc of(Spot from, Spot to) {
            var x1 = x(from.lat(), from.lon());
            var y1 = y(from.lat());
            var x2 = x(to.lat(), to.lon());
            var y2 = y(to.lat());
            var bend = x1 < x2 ? 0.22 : -0.22;
            return new Arc(x1, y1, (x1 + x2) / 2 + (y2 - y1) * bend, (y1 + y2) / 2 - (x2 - x1) * bend, x2, y2);
        }
    }

    private static String curve(Spot from, Spot to) {
        var arc = Arc.of(from, to);
        return "M" + number(arc.x1) + " " + number(arc.y1) + "Q" + number(arc.cx) + " " + number(arc.cy) + " "
                + number(arc.x2) + " " + number(arc.y2);
    }

    /** Where no label should stand. */
    private static List<Box> along(Spot from, Spot to) {
        var arc = Arc.of(from, to);
        var boxes = new ArrayList<Box>();
        for (int i = 1; i < 40; i++) {
            var t = i / 40.0;
            var x = (1 - t) * (1 - t) * arc.x1 + 2 * t * (1 - t) * arc.cx + t * t * arc.x2;
            var y = (1 - t) * (1 - t) * arc.y1 + 2 * t * (1 - t) * arc.cy + t * t * arc.y2;
            boxes.add(new Box(x - 1, y - 1, x + 1, y + 1));
        }
        return boxes;
    }

    /** @see <a href="https://doi.org/10.1559/15230406382405">Šavrič and others 2011: a polynomial equation for it</a> */
    private static double x(double lat, double lon) {
        var p2 = Math.pow(Math.toRadians(lat), 2);
        var p4 = p2 * p2;
        return WEST
                + SCALE
                        * Math.toRadians(lon)
                        * 57.3
                        * (0.8707 - 0.131979 * p2 + p4 * (-0.013791 + p4 * (0.003971 * p2 - 0.001529 * p4)));
    }

    private static double y(double lat) {
        var p = Math.toRadians(lat);
        var p2 = p * p;
        var p4 = p2 * p2;
        return NORTH
                - SCALE * p * 57.3 * (1.007226 + p2 * (0.015085 + p4 * (-0.044475 + 0.028874 * p2 - 0.005916 * p4)));
    }

    private static List<Land> lands() {
        var lands = new ArrayList<Land>();
        try (var file = new ClassPathResource("data/world.geo.json").getInputStream()) {
            for (var feature : new JsonMapper().readTree(file).path("features")) {
                var geometry = feature.path("geometry");
                var polygons = geometry.path("coordinates");
                var path = new StringBuilder();
                if (geometry.path("type").asString().equals("Polygon")) {
                    draw(polygons, path);
                } else {
                    polygons.forEach(polygon -> draw(polygon, path));
                }
                lands.add(new Land(feature.path("properties").path("name").asString(), path.toString()));
            }
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
        return List.copyOf(lands);
    }

    /** In whole steps from point to point, which is half as long as in places. */
    private static void draw(JsonNode polygon, StringBuilder path) {
        for (var ring : polygon) {
            long lastX = 0;
            long lastY = 0;
            boolean begun = false;
            for (var point : ring) {
                var lon = point.get(0).asDouble();
                var lat = point.get(1).asDouble();
                var x = Math.round(x(lat, lon));
                var y = Math.round(y(lat));
                if (!begun) {
                    path.append('M').append(x).append(' ').append(y).append('l');
                } else if (x != lastX || y != lastY) {
                    if (path.charAt(path.length() - 1) != 'l' && x >= lastX) path.append(' ');
                    path.append(x - lastX);
                    if (y >= lastY) path.append(' ');
                    path.append(y - lastY);
                }
                begun = true;
                lastX = x;
                lastY = y;
            }
            path.append('z');
        }
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.1f", value);
    }
}
