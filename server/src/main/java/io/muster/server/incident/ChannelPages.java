package io.muster.server.incident;

import static io.muster.server.layout.Figures.count;

import io.muster.server.access.Caller;
import io.muster.server.layout.Figures;
import io.muster.server.layout.Nav;
import io.muster.server.layout.NavCount;
import io.muster.server.layout.Pages;
import io.muster.server.layout.Run;
import io.muster.server.layout.State;
import io.muster.server.layout.Table;
import io.muster.server.layout.Table.Cell;
import io.muster.server.layout.Table.Column;
import io.muster.server.layout.Word;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.servlet.ModelAndView;

/** The page about alert channels: would an alert reach someone? */
@Controller
class ChannelPages implements NavCount {

    private static final int CHANNELS = 100;
    private static final int DELIVERIES = 30;
    private static final int TESTS_AT_ONCE = 8;
    private static final DeliveryRepository.Tries NO_TRIES = new DeliveryRepository.Tries(List.of(), 0);

    private static final Logger log = LoggerFactory.getLogger(ChannelPages.class);

    private final Pages pages;
    private final ChannelRepository channels;
    private final DeliveryRepository deliveries;
    private final DeliveriesController tests;

    ChannelPages(Pages pages, ChannelRepository channels, DeliveryRepository deliveries, DeliveriesController tests) {
        this.pages = pages;
        this.channels = channels;
        this.deliveries = deliveries;
        this.tests = tests;
    }

    @Override
    public Nav nav() {
        return Nav.CHANNELS;
    }

    @Override
    public Optional<Count> attention(Caller caller, Instant now) {
        var failing = deliveries.trouble(now.minus(Duration.ofDays(1))).channels();
        var n = failing.size();
        return n == 0
                ? Optional.empty()
                : Optional.of(new Count(n, State.BAD, count(n, "channel") + (n == 1 ? " fails" : " fail")));
    }

    @GetMapping("/channels")
    @Nullable ModelAndView list(HttpServletRequest request, HttpServletResponse response) throws IOException {
        var page = pages.page("Alert channels", Nav.CHANNELS);
        var all = channels.page(null, CHANNELS);
        var recent = deliveries.page(Optional.empty(), Optional.empty(), Long.MAX_VALUE, DELIVERIES);
        var last = all.stream()
                .collect(Collectors.toMap(
                        ChannelRepository.Stored::id,
                        each -> deliveries.page(Optional.of(each.id()), Optional.empty(), Long.MAX_VALUE, 1).stream()
                                .findFirst()));
        var failing = all.stream()
                .filter(each -> word(each, last.getOrDefault(each.id(), Optional.empty()))
                                .state()
                        == State.BAD)
                .toList();
        var proven = last.values().stream()
                .anyMatch(each ->
                        each.map(sent -> sent.state() == Delivery.State.SENT).orElse(false));
        var view = new ChannelsView(
                all.isEmpty() ? State.WARN : !failing.isEmpty() ? State.BAD : proven ? State.OK : State.MUTE,
                answer(all, failing, proven),
                channelTable(
                        all,
                        last,
                        deliveries.tries(
                                all.stream().map(ChannelRepository.Stored::id).toList(), Run.SHOWN)),
                failing.stream()
                        .map(each -> trouble(each, last.getOrDefault(each.id(), Optional.empty())))
                        .toList(),
                deliveryTable(recent),
                all.stream().map(ChannelRepository.Stored::id).toList(),
                matrix(all));
        return pages.live(page, "incident/channels", Map.of("channels", view), request, response);
    }

    /** The same as POST /api/v1/alert-channels/{id}/test. */
    @PostMapping("/channels/{id}/test")
    String test(@PathVariable String id) {
        var _ = tests.test(id);
        return "redirect:/channels";
    }

    /** All of them, a few at once; answers when each has answered or its time is up. */
    @PostMapping("/channels/test")
    String testAll() throws InterruptedException {
        try (var threads =
                Executors.newFixedThreadPool(TESTS_AT_ONCE, Thread.ofVirtual().factory())) {
            var all = channels.page(null, CHANNELS).stream()
                    .<Callable<String>>map(each -> () -> test(each.id()))
                    .toList();
            for (var tested : threads.invokeAll(all)) {
                // one that was deleted meanwhile was not tested; whatever else failed stands in the log
                if (tested.state() == Future.State.FAILED)
                    log.info("a test of all channels: {}", tested.exceptionNow());
            }
        }
        return "redirect:/channels";
    }

    private static String answer(
            List<ChannelRepository.Stored> all, List<ChannelRepository.Stored> failing, boolean proven) {
        if (all.isEmpty()) return "No. There is no channel, so nobody hears of a violation.";
        if (failing.isEmpty())
            return "Yes, as far as the last deliveries of " + count(all.size(), "channel") + " show.";
        var names = failing.stream().map(ChannelRepository.Stored::id).limit(3).collect(Collectors.joining(", "));
        return (failing.size() < all.size() ? "Yes, but not everyone. " : "No. ") + names
                + (failing.size() == 1 ? " does" : " do") + " not take what is sent.";
    }

    private static Word word(ChannelRepository.Stored channel, Optional<Delivery> last) {
        if (channel.disabledAt().isPresent()) return Word.bad("Stopped");
        return last.map(delivery -> switch (delivery.state()) {
                    case QUEUED -> Word.run("Queued");
                    case SENT -> Word.ok("Up");
                    case FAILED -> Word.bad("Failing");
                    case GIVEN_UP -> Word.bad("Given up");
                })
                .orElse(Word.mute("New"));
    }

    private static ChannelsView.Trouble trouble(ChannelRepository.Stored channel, Optional<Delivery> last) {
        var why = channel.disabledWhy().or(() -> last.flatMap(Delivery::lastAnswer));
        var waits = last.filter(each -> each.state() == Delivery.State.FAILED);
        return new ChannelsView.Trouble(
                channel.id(),
                why.orElse("no answer"),
                channel.disabledAt().or(() -> last.map(Delivery::createdAt)).orElse(null),
                channel.disabledAt().isPresent(),
                last.map(Delivery::tries).orElse(0),
                waits.flatMap(Delivery::nextTry).orElse(null));
    }

    private static Table channelTable(
            List<ChannelRepository.Stored> all,
            Map<String, Optional<Delivery>> last,
            Map<String, DeliveryRepository.Tries> tries) {
        var rows = all.stream()
                .sorted((a, b) -> word(a, last.getOrDefault(a.id(), Optional.empty()))
                        .state()
                        .compareTo(word(b, last.getOrDefault(b.id(), Optional.empty()))
                                .state()))
                .map(each -> {
                    var delivery = last.getOrDefault(each.id(), Optional.empty());
                    var to = each.value().to();
                    return List.of(
                            Cell.pill(word(each, delivery)),
                            Cell.text(
                                    each.id(),
                                    each.value().kind().word() + " · " + (to == null ? "address hidden" : to)),
                            Cell.text(each.value().sends().stream()
                                    .map(AlertChannel.Send::word)
                                    .collect(Collectors.joining(", "))),
                            Cell.text(jobs(each.value().jobs())),
                            Cell.at(delivery.flatMap(Delivery::lastTry).orElse(null), "never")
                                    .with(each.disabledWhy()
                                            .or(() -> delivery.flatMap(Delivery::lastAnswer))
                                            .orElse("send a test first")),
                            Cell.runs(tries.getOrDefault(each.id(), NO_TRIES).last()),
                            queue(tries.getOrDefault(each.id(), NO_TRIES).waiting()),
                            Cell.button(new Table.Button(
                                    "/channels/" + each.id() + "/test", "Test", "Send a test to " + each.id())),
                            Cell.button(new Table.Button(
                                    "/catalogue/declare?kind=alert_channel&id=" + each.id(),
                                    "Edit",
                                    "Edit channel " + each.id(),
                                    false)),
                            Cell.button(new Table.Button(
                                    "/catalogue/delete?kind=alert_channel&id=" + each.id(),
                                    "Delete",
                                    "Delete channel " + each.id(),
                                    false)));
                })
                .toList();
        return new Table(
                "Channels",
                List.of(
                        new Column("State"),
                        new Column("Channel"),
                        new Column("Sends"),
                        new Column("For jobs"),
                        new Column("Last delivery"),
                        new Column("Last 30"),
                        new Column("Queue"),
                        new Column("", true),
                        new Column("", true),
                        new Column("", true)),
                rows);
    }

    private static Cell queue(long waiting) {
        return waiting == 0
                ? Cell.text("empty")
                : Cell.word(Word.bad((waiting > DeliveryRepository.MOST_WAITING
                                        ? "more than " + count(DeliveryRepository.MOST_WAITING)
                                        : count(waiting))
                                + (waiting == 1 ? " waits" : " wait"))
                        .with("stack-2"));
    }

    private static String jobs(JobSelector jobs) {
        return switch (jobs) {
            case JobSelector.All _ -> "all";
            case JobSelector.These(var ids) -> count(ids.size(), "job");
            case JobSelector.Tagged(var tags) -> "tag " + String.join(", ", tags);
        };
    }

    private static Table deliveryTable(List<Delivery> recent) {
        var rows = recent.stream()
                .map(each -> {
                    var message = each.message();
                    return List.of(
                            Cell.word(
                                    switch (each.state()) {
                                        case QUEUED -> Word.run("Queued");
                                        case SENT -> Word.ok("Sent");
                                        case FAILED -> Word.warn("Waits").with("hourglass");
                                        case GIVEN_UP -> Word.bad("Given up");
                                    }),
                            Cell.at(each.createdAt(), ""),
                            Cell.link(message.path(), Figures.capital(message.cause()), message.type()),
                            Cell.text(each.channel()),
                            Cell.text(count(each.tries())),
                            Cell.text(each.lastAnswer().orElse("–")),
                            Cell.at(each.nextTry().orElse(null), "–"));
                })
                .toList();
        return new Table(
                "Deliveries",
                List.of(
                        new Column("State"),
                        new Column("Since"),
                        new Column("Alert"),
                        new Column("Channel"),
                        new Column("Tries", true),
                        new Column("Last answer"),
                        new Column("Next try")),
                rows);
    }

    private static List<ChannelsView.Row> matrix(List<ChannelRepository.Stored> all) {
        return List.of(AlertChannel.Send.values()).stream()
                .map(send -> new ChannelsView.Row(
                        switch (send) {
                            case DOWN -> "Job down";
                            case UP -> "Job up again";
                            case REMINDER -> "Still down, reminder";
                            case AT_RISK -> "At risk";
                            case VIOLATION -> "Violation opens";
                            case CLOSED -> "Exposure closes";
                        },
                        all.stream().map(each -> each.value().sends(send)).toList()))
                .toList();
    }
}
