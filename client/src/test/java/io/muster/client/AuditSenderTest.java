package io.muster.client;

import static io.muster.client.AuditServer.Fault.AWAY;
import static io.muster.client.AuditServer.Fault.BREAKS_AFTER;
import static io.muster.client.AuditServer.Fault.BREAKS_BEFORE;
import static io.muster.client.AuditServer.Fault.BUSY;
import static io.muster.client.AuditServer.Fault.ELSEWHERE;
import static io.muster.client.AuditServer.Fault.FAILS;
import static io.muster.client.AuditServer.Fault.SILENT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AuditSenderTest {
    static final Duration LONG = Duration.ofMinutes(1);

    private final Heard heard = new Heard();
    private AuditServer server;

    @BeforeEach
    void start() throws IOException {
        server = new AuditServer();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    /** What the sender said, a line each. */
    static final class Heard implements AuditListener {
        final List<String> lines = Collections.synchronizedList(new ArrayList<>());
        final List<Receipt> receipts = Collections.synchronizedList(new ArrayList<>());

        @Override
        public void recorded(AuditEvent event, Receipt receipt) {
            if (!event.eventId().equals(receipt.eventId())) {
                lines.add("a receipt of another event");
            }
            receipts.add(receipt);
        }

        @Override
        public void refused(AuditEvent event, int status, String why) {
            lines.add("refused " + event.action() + ": " + status + " " + why);
        }

        @Override
        public void dropped(AuditEvent event) {
            lines.add("dropped " + event.action());
        }

        @Override
        public void away(String why) {
            lines.add("away: " + why);
        }
    }

    private AuditSender.Builder sender() {
        return AuditSender.to(server.uri(), AuditServer.KEY)
                .backOff(Duration.ofMillis(1), Duration.ofMillis(20))
                .closeWithin(LONG)
                .listener(heard);
    }

    private static AuditEvent event(String action) {
        return AuditEvent.of("acme", action).build();
    }

    private static List<String> numbers(int from, int to) {
        return IntStream.range(from, to).mapToObj(n -> "n" + n).toList();
    }

    private static void sendAll(AuditSender audit, List<String> actions) {
        actions.forEach(action -> audit.send(event(action)));
    }

    @Test
    void events_arrive_in_batches_in_their_order_and_each_has_a_receipt() {
        try (var audit = sender().batch(100).linger(Duration.ofSeconds(1)).start()) {
            sendAll(audit, numbers(0, 250));
            assertThat(audit.flush(LONG)).isTrue();
            assertThat(audit.statistics()).isEqualTo(new AuditSender.Statistics(250, 0, 0, 0, 0, null));
        }
        assertThat(server.actions()).isEqualTo(numbers(0, 250));
        assertThat(server.sizes()).containsExactly(100, 100, 50);
        assertThat(heard.receipts).extracting(Receipt::sequence).containsExactlyElementsOf(longs(250));
        assertThat(heard.lines).isEmpty();
    }

    private static List<Long> longs(int n) {
        return IntStream.range(0, n).mapToObj(i -> (long) i).toList();
    }

    @Test
    void an_event_whose_answer_was_lost_is_recorded_once() {
        server.next(BREAKS_AFTER, BREAKS_AFTER);
        try (var audit = sender().start()) {
            audit.send(event("a"));
        }
        assertThat(server.requests()).hasSize(3);
        assertThat(server.actions()).containsExactly("a");
        assertThat(heard.receipts).extracting(Receipt::duplicate).containsExactly(true);
    }

    @Test
    void a_busy_server_is_left_alone_for_as_long_as_it_asks() {
        server.next(BUSY);
        try (var audit = sender().start()) {
            audit.send(event("a"));
            assertThat(audit.flush(LONG)).isTrue();
        }
        assertThat(server.requests()).hasSize(2);
        assertThat(server.requests().get(1) - server.requests().get(0)).isGreaterThanOrEqualTo(1_000_000_000L);
        assertThat(heard.lines).containsExactly("away: the server is busy (429): Too many at once.");
    }

    @Test
    void what_the_server_refuses_is_told_in_its_words_not_sent_again_and_holds_up_nothing() {
        try (var audit = sender().start()) {
            audit.send(event("a"));
            audit.send(AuditEvent.of("nobody", "b").build());
            var twice = event("c");
            audit.send(twice);
            audit.send(AuditEvent.of("acme", "d").eventId(twice.eventId()).build());
            audit.send(event("e"));
            assertThat(audit.flush(LONG)).isTrue();
            assertThat(audit.statistics()).isEqualTo(new AuditSender.Statistics(3, 2, 0, 0, 0, null));
        }
        assertThat(server.actions()).containsExactly("a", "c", "e");
        assertThat(heard.lines)
                .containsExactly(
                        "refused b: 404 There is no tenant nobody.",
                        "refused d: 409 The event "
                                + server.recorded().get(1).get("eventId").asString() + " has another content.");
        assertThat(server.requests()).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 10, 39})
    void an_event_that_spoils_its_batch_is_found_and_the_others_are_recorded(int bad) {
        server.unreadable = "n" + bad;
        try (var audit = sender().linger(Duration.ofSeconds(1)).batch(40).start()) {
            sendAll(audit, numbers(0, 40));
            assertThat(audit.flush(LONG)).isTrue();
        }
        var others = new ArrayList<>(numbers(0, 40));
        others.remove("n" + bad);
        assertThat(server.actions()).isEqualTo(others);
        assertThat(heard.lines).containsExactly("refused n" + bad + ": 400 The body is not JSON.");
    }

    @Test
    void an_event_at_which_the_server_fails_time_and_again_does_not_hold_up_the_others_for_ever() {
        server.deadly = "n3";
        try (var audit = sender().linger(Duration.ofSeconds(1)).batch(8).start()) {
            sendAll(audit, numbers(0, 8));
            assertThat(audit.flush(LONG)).isTrue();
        }
        assertThat(server.actions()).containsExactly("n0", "n1", "n2", "n4", "n5", "n6", "n7");
        assertThat(heard.lines).contains("refused n3: 500 the server failed (500): A bug.");
    }

    @Test
    void a_server_that_fails_for_a_while_costs_no_event() {
        server.next(FAILS, AWAY, BREAKS_BEFORE, ELSEWHERE, FAILS, AWAY);
        try (var audit = sender().start()) {
            audit.send(event("a"));
            assertThat(audit.flush(LONG)).isTrue();
            assertThat(audit.statistics()).isEqualTo(new AuditSender.Statistics(1, 0, 0, 0, 0, null));
        }
        assertThat(heard.lines).containsExactly("away: the server failed (500): A bug.");
    }

    @Test
    void a_key_that_is_not_taken_is_read_anew_for_each_try() {
        var key = new AtomicReference<>("msw_old");
        try (var audit = AuditSender.to(server.uri(), key::get)
                .backOff(Duration.ofMillis(1), Duration.ofMillis(20))
                .listener(heard)
                .start()) {
            audit.send(event("a"));
            await().untilAsserted(() -> assertThat(heard.lines)
                    .containsExactly("away: the server does not take this key (401): This needs a key."));
            assertThat(audit.statistics().waiting()).isEqualTo(1);
            key.set(AuditServer.KEY + "\n"); // as a file ends
            assertThat(audit.flush(LONG)).isTrue();
        }
        assertThat(server.actions()).containsExactly("a");
    }

    @Test
    void a_full_buffer_drops_the_newest_and_the_gap_shows() {
        server.always(AWAY);
        try (var audit =
                sender().buffer(3, 1 << 20).whenFull(new WhenFull.Drop()).start()) {
            assertThat(numbers(0, 5).stream().map(action -> audit.send(event(action))))
                    .containsExactly(true, true, true, false, false);
            assertThat(audit.statistics().waiting()).isEqualTo(3);
            server.always(null);
            assertThat(audit.flush(LONG)).isTrue();
            assertThat(audit.send(event("n5"))).isTrue();
        }
        assertThat(server.actions()).containsExactly("n0", "n1", "n2", "n5");
        assertThat(server.recorded())
                .extracting(event -> event.at("/details/_source/seq").asInt())
                .containsExactly(1, 2, 3, 6);
        assertThat(heard.lines).contains("dropped n3", "dropped n4");
    }

    @Test
    void the_buffer_is_bounded_in_bytes_too() {
        server.always(AWAY);
        try (var audit = sender().buffer(1000, 1 << 20)
                .whenFull(new WhenFull.Drop())
                .closeWithin(Duration.ZERO)
                .start()) {
            var large = "x".repeat(200_000);
            for (int i = 0; i < 7; i++) {
                audit.send(AuditEvent.of("acme", "a").detail("x", large).build());
            }
            assertThat(audit.statistics().waiting()).isEqualTo(5);
            assertThat(audit.statistics().waitingBytes()).isBetween(1_000_000L, 1L << 20);
            assertThat(audit.statistics().dropped()).isEqualTo(2);
        }
    }

    @Test
    void a_caller_can_wait_for_room() {
        server.always(AWAY);
        try (var audit =
                sender().buffer(1, 1 << 20).whenFull(new WhenFull.Block(LONG)).start()) {
            audit.send(event("a"));
            var blocked = new AtomicReference<Boolean>();
            var caller = Thread.ofVirtual().start(() -> blocked.set(audit.send(event("b"))));
            await().until(() -> caller.getState() == Thread.State.TIMED_WAITING);
            server.always(null);
            await().untilAsserted(() -> assertThat(blocked.get()).isTrue());
        }
        assertThat(server.actions()).containsExactly("a", "b");
    }

    @Test
    void a_caller_waits_for_room_no_longer_than_it_was_told_to() {
        server.always(AWAY);
        try (var audit = sender().buffer(1, 1 << 20)
                .whenFull(new WhenFull.Block(Duration.ofMillis(20)))
                .closeWithin(Duration.ZERO)
                .start()) {
            assertThat(audit.send(event("a"))).isTrue();
            assertThat(audit.send(event("b"))).isFalse();
            assertThat(heard.lines).contains("dropped b");
        }
    }

    @Test
    void closing_delivers_what_waits_also_in_the_midst_of_a_long_wait() {
        server.next(AWAY);
        var audit =
                sender().backOff(Duration.ofMinutes(5), Duration.ofMinutes(5)).start();
        sendAll(audit, numbers(0, 10));
        await().until(() -> audit.statistics().away() != null);
        assertThat(audit.close(LONG)).isTrue();
        assertThat(server.actions()).isEqualTo(numbers(0, 10));
        assertThat(audit.send(event("late"))).isFalse();
        assertThat(heard.lines).last().isEqualTo("dropped late");
    }

    @Test
    void closing_ends_in_its_time_whatever_the_server_does_and_says_what_was_lost() {
        server.always(SILENT);
        var audit = sender().batch(2).start();
        sendAll(audit, numbers(0, 5));
        await().until(() -> !server.requests().isEmpty());
        assertThat(audit.close(Duration.ofMillis(100))).isFalse();
        assertThat(audit.statistics()).isEqualTo(new AuditSender.Statistics(0, 0, 5, 0, 0, null));
        assertThat(heard.lines)
                .containsExactlyInAnyOrderElementsOf(numbers(0, 5).stream()
                        .map(action -> "dropped " + action)
                        .toList());
        assertThat(server.requests()).hasSize(1);
    }

    @Test
    void flush_ends_in_its_time_and_says_that_something_still_waits() {
        server.always(AWAY);
        var audit = sender().start();
        audit.send(event("a"));
        assertThat(audit.flush(Duration.ofMillis(50))).isFalse();
        server.always(null);
        assertThat(audit.flush(LONG)).isTrue();
        audit.close();
    }

    @Test
    void a_silent_server_is_given_up_after_the_timeout() {
        server.next(SILENT);
        try (var audit = sender().timeout(Duration.ofMillis(200)).start()) {
            audit.send(event("a"));
            assertThat(audit.flush(LONG)).isTrue();
        }
        assertThat(heard.lines).containsExactly("away: the server did not answer within PT0.2S");
    }

    @Test
    void a_listener_that_fails_changes_nothing() {
        try (var audit = sender().listener(new AuditListener() {
                    @Override
                    public void recorded(AuditEvent event, Receipt receipt) {
                        throw new IllegalStateException("a listener's own");
                    }
                })
                .start()) {
            sendAll(audit, numbers(0, 3));
            assertThat(audit.flush(LONG)).isTrue();
        }
        assertThat(server.actions()).isEqualTo(numbers(0, 3));
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3})
    void whatever_a_server_does_every_event_is_recorded_once_in_its_senders_order(long seed) throws Exception {
        var random = new Random(seed);
        var some = List.of(AWAY, FAILS, BREAKS_AFTER, BREAKS_AFTER, BREAKS_BEFORE, ELSEWHERE);
        for (int i = 0; i < 40; i++) {
            server.next(some.get(random.nextInt(some.size())));
        }
        int each = 500;
        var callers = new ArrayList<Thread>();
        try (var audit = sender().batch(50).linger(Duration.ofMillis(5)).start()) {
            for (int caller = 0; caller < 4; caller++) {
                var name = "c" + caller + ".";
                callers.add(Thread.ofVirtual().start(() -> {
                    for (int n = 0; n < each; n++) {
                        audit.send(AuditEvent.of(n % 2 == 0 ? "acme" : "globex", name + n)
                                .build());
                    }
                }));
            }
            for (var caller : callers) {
                caller.join();
            }
            assertThat(audit.flush(LONG)).isTrue();
            assertThat(audit.statistics().recorded()).isEqualTo(4 * each);
        }
        assertThat(server.actions()).hasSize(4 * each).doesNotHaveDuplicates();
        for (int caller = 0; caller < 4; caller++) {
            var name = "c" + caller + ".";
            assertThat(server.actions().stream().filter(action -> action.startsWith(name)))
                    .isEqualTo(IntStream.range(0, each).mapToObj(n -> name + n).toList());
        }
        for (var tenant : List.of("acme", "globex")) {
            var seen = new HashSet<Integer>();
            server.recorded().stream()
                    .filter(event -> event.get("tenantId").asString().equals(tenant))
                    .forEach(event -> seen.add(event.at("/details/_source/seq").asInt()));
            assertThat(seen)
                    .isEqualTo(new HashSet<>(
                            IntStream.rangeClosed(1, 2 * each).boxed().toList()));
        }
    }

    @Test
    void settings_say_what_is_allowed() {
        assertThatThrownBy(() -> AuditSender.to(URI.create("muster.example.com"), "k"))
                .hasMessageContaining("such as https://muster.example.com");
        assertThatThrownBy(() -> sender().batch(501)).hasMessage("batch must be between 1 and 500; got 501");
        assertThatThrownBy(() -> sender().linger(Duration.ofSeconds(2)))
                .hasMessage("linger must be between PT0.005S and PT1S; got PT2S");
        assertThatThrownBy(() -> new WhenFull.Block(Duration.ofMinutes(2)))
                .hasMessage("a caller is held up between PT0S and PT1M; got PT2M");
    }
}
