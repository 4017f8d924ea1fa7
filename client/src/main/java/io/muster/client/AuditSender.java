package io.muster.client;

import io.muster.client.Answer.Fate;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Brings audit events to a Muster server, from one thread in the background, in the order in which they were given.
 *
 * {@snippet :
 * try (var audit = AuditSender.to(URI.create("https://muster.example.com"), key).start()) {
 *     audit.send(AuditEvent.of("acme", "invoice.pay").userId("anand.k").resource("invoices/4711").build());
 * }
 * }
 *
 * <p>Events wait in memory, within bounds, until the server has promised to keep them; a batch that it does not answer, or is too busy
 * for, is sent again, with the same ids, so that nothing is recorded twice. What it refuses is never sent again. A process that is
 * killed loses what waits.
 *
 * <p>Each event has in {@code details} the member {@code "_source":{"id":"…","seq":17}}: this sender, and how many events of its tenant
 * it was given, from 1. A number that is missing in the tenant's log is an event that was dropped or refused.
 */
public final class AuditSender implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(AuditSender.class.getName());

    /** Bytes of a batch; the server takes four times as many. */
    private static final int LARGEST_BATCH = 4 << 20;

    /** How often a server may fail at a batch before the batch is thought to be the cause. */
    private static final int STUMBLES = 5;

    private static final int MOST_TENANTS = 100_000;
    private static final int LONGEST_WORDS = 300;

    private final Builder settings;
    private final Connection connection;
    private final Source source = new Source(MOST_TENANTS);
    private final Thread courier;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition work = lock.newCondition();
    private final Condition settled = lock.newCondition();
    private final ArrayDeque<Waiting> queue = new ArrayDeque<>(); // guarded by lock, as all down to closeAt
    private long queuedBytes;
    private int inFlight;
    private long inFlightBytes;
    private long given;
    private long done;
    private int flushes;
    private volatile boolean closing;
    private long closeAt;

    private final AtomicLong recorded = new AtomicLong();
    private final AtomicLong refused = new AtomicLong();
    private final AtomicLong dropped = new AtomicLong();
    private volatile @Nullable String away;

    private record Waiting(AuditEvent event, byte[] bytes) {}

    /**
     * What became of the events of a sender so far.
     *
     * @param recorded have a receipt
     * @param refused by the server, for good
     * @param dropped for want of room, or at the end
     * @param waiting have been given, and are neither of these; those in flight too
     * @param waitingBytes theirs, as JSON
     * @param away why nothing gets through at present; null if it does
     */
    public record Statistics(
            long recorded,
            long refused,
            long dropped,
            int waiting,
            long waitingBytes,
            @Nullable String away) {}

    private AuditSender(Builder settings) {
        this.settings = settings;
        this.connection = new Connection(settings.server, settings.key, settings.timeout);
        this.courier = Thread.ofPlatform().name("muster-audit").daemon().unstarted(this::run);
    }

    /**
     * @param server its base address, such as {@code https://muster.example.com}
     * @param key an API key that may write the audit events of the tenants concerned
     */
    public static Builder to(URI server, String key) {
        return new Builder(server, () -> key);
    }

    /** @param key is asked before each batch, so that a new key needs no restart */
    public static Builder to(URI server, Supplier<String> key) {
        return new Builder(server, key);
    }

    // ---- what callers see ----

    /**
     * Gives an event to be sent. Never throws, and returns at once unless {@link WhenFull.Block} holds it up for want of room.
     *
     * @return false if it was dropped: for want of room, or because this is closed
     */
    public boolean send(AuditEvent event) {
        var waiting = new Waiting(event, Encoding.of(event, source.next(event.tenantId())));
        lock.lock();
        try {
            if (awaitRoom(waiting.bytes.length)) {
                queue.add(waiting);
                queuedBytes += waiting.bytes.length;
                given++;
                work.signal();
                return true;
            }
        } finally {
            lock.unlock();
        }
        drop(List.of(waiting));
        return false;
    }

    private boolean awaitRoom(int bytes) {
        long left = settings.whenFull instanceof WhenFull.Block(var atMost) ? atMost.toNanos() : 0;
        try {
            while (!closing && !hasRoom(bytes) && left > 0) {
                left = settled.awaitNanos(left);
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        return !closing && hasRoom(bytes);
    }

    private boolean hasRoom(int bytes) {
        return queue.size() + inFlight < settings.mostEvents
                && queuedBytes + inFlightBytes + bytes <= settings.mostBytes;
    }

    /** Waits until all that was given before has a receipt, or was refused or dropped; false if {@code atMost} passes before that. */
    public boolean flush(Duration atMost) {
        lock.lock();
        try {
            long all = given;
            long left = atMost.toNanos();
            flushes++;
            work.signalAll();
            try {
                while (done < all && left > 0) {
                    left = settled.awaitNanos(left);
                }
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
            } finally {
                flushes--;
            }
            return done >= all;
        } finally {
            lock.unlock();
        }
    }

    public Statistics statistics() {
        lock.lock();
        try {
            return new Statistics(
                    recorded.get(),
                    refused.get(),
                    dropped.get(),
                    queue.size() + inFlight,
                    queuedBytes + inFlightBytes,
                    away);
        } finally {
            lock.unlock();
        }
    }

    /** As {@link #close(Duration)}, with the bound of the settings. */
    @Override
    public void close() {
        close(settings.closeWithin);
    }

    /**
     * Takes no more events, tries for {@code atMost} to deliver what waits, and drops the rest.
     *
     * @return whether nothing was dropped
     */
    public boolean close(Duration atMost) {
        long before = dropped.get();
        lock.lock();
        try {
            if (!closing) {
                closing = true;
                closeAt = System.nanoTime() + atMost.toNanos();
                work.signalAll();
                settled.signalAll();
            }
        } finally {
            lock.unlock();
        }
        try {
            if (!courier.join(atMost)) {
                courier.interrupt();
                courier.join(Duration.ofSeconds(5)); // a listener may be at work
            }
        } catch (InterruptedException interrupted) {
            courier.interrupt();
            Thread.currentThread().interrupt();
        }
        connection.close();
        return dropped.get() == before;
    }

    // ---- the courier's thread ----

    private void run() {
        boolean over = false;
        for (var batch = nextBatch(); !batch.isEmpty(); batch = nextBatch()) {
            if (over) {
                drop(batch);
            } else {
                over = !deliver(batch);
            }
            settle();
        }
    }

    /** Waits for one; empty at the end. */
    private List<Waiting> nextBatch() {
        lock.lock();
        try {
            while (queue.isEmpty() && !closing) {
                work.awaitUninterruptibly();
            }
            long left = settings.linger.toNanos();
            while (left > 0
                    && queue.size() < settings.batch
                    && queuedBytes < LARGEST_BATCH
                    && flushes == 0
                    && !closing) {
                left = work.awaitNanos(left);
            }
        } catch (InterruptedException closed) {
            Thread.currentThread().interrupt();
        } finally {
            lock.unlock();
        }
        return takeBatch();
    }

    private List<Waiting> takeBatch() {
        var batch = new ArrayList<Waiting>();
        lock.lock();
        try {
            while (batch.size() < settings.batch && !queue.isEmpty()) {
                int bytes = queue.element().bytes.length;
                if (inFlightBytes + bytes > LARGEST_BATCH && !batch.isEmpty()) {
                    break;
                }
                batch.add(queue.remove());
                queuedBytes -= bytes;
                inFlightBytes += bytes;
            }
            inFlight = batch.size();
        } finally {
            lock.unlock();
        }
        return batch;
    }

    /** Of the batch in flight each event is recorded, refused or dropped. */
    private void settle() {
        lock.lock();
        try {
            done += inFlight;
            inFlight = 0;
            inFlightBytes = 0;
            settled.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Until nothing of it is left. False if the time of {@link #close(Duration)} was over first; then the rest was dropped. */
    private boolean deliver(List<Waiting> batch) {
        var parts = new ArrayDeque<>(List.of(batch));
        int tries = 0;
        int stumbles = 0;
        try {
            while (!parts.isEmpty()) {
                var part = parts.element();
                var answer = connection.send(part.stream().map(Waiting::bytes).toList());
                tries++;
                switch (answer) {
                    case Answer.Each(var fates) -> {
                        parts.remove();
                        through();
                        var open = settle(part, fates);
                        if (open.size() < part.size()) {
                            tries = 0;
                        }
                        if (!open.isEmpty()) {
                            parts.push(open);
                        }
                    }
                    case Answer.Malformed(var status, var why) -> {
                        blame(parts, status, why);
                        tries = 0;
                    }
                    case Answer.Later later -> {
                        away(later.why());
                        if (later.stumbled() && ++stumbles == STUMBLES) {
                            blame(parts, 500, later.why());
                            stumbles = 0;
                        }
                    }
                }
                var asked = answer instanceof Answer.Later later ? later.after() : Duration.ZERO;
                if (tries > 0
                        && !parts.isEmpty()
                        && !pause(settings.waitAfter(tries, asked, ThreadLocalRandom.current()))) {
                    parts.forEach(this::drop);
                    return false;
                }
            }
            return true;
        } catch (InterruptedException closed) {
            parts.forEach(this::drop);
            return false;
        }
    }

    /** One bad event must not hold up the others: halves the part until the event is alone, which is then refused. */
    private void blame(ArrayDeque<List<Waiting>> parts, int status, String why) {
        var part = parts.remove();
        if (part.size() == 1) {
            refuse(part.getFirst(), status, why);
        } else {
            parts.push(part.subList(part.size() / 2, part.size()));
            parts.push(part.subList(0, part.size() / 2));
        }
    }

    private List<Waiting> settle(List<Waiting> batch, List<Fate> fates) {
        var open = new ArrayList<Waiting>();
        for (int i = 0; i < batch.size(); i++) {
            var waiting = batch.get(i);
            switch (fates.get(i)) {
                case Fate.Recorded(var receipt) -> {
                    recorded.incrementAndGet();
                    tell(listener -> listener.recorded(waiting.event, receipt));
                }
                case Fate.Refused(var status, var why) -> refuse(waiting, status, why);
                case Fate.Open() -> open.add(waiting);
            }
        }
        return open;
    }

    private void refuse(Waiting waiting, int status, String why) {
        refused.incrementAndGet();
        LOG.log(
                System.Logger.Level.WARNING,
                "Muster refused the event {0} for good ({1}): {2}",
                waiting.event,
                Integer.toString(status),
                shortened(why));
        tell(listener -> listener.refused(waiting.event, status, why));
    }

    private void drop(List<Waiting> lost) {
        if (dropped.getAndAdd(lost.size()) == 0) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    closing
                            ? "audit events are lost: the sender was closed before they were sent"
                            : "audit events are lost: more wait than there is room for, and this is said once");
        }
        lost.forEach(waiting -> tell(listener -> listener.dropped(waiting.event)));
    }

    private void away(String why) {
        if (away == null) {
            LOG.log(System.Logger.Level.WARNING, "no audit event gets through, they wait: {0}", shortened(why));
            tell(listener -> listener.away(why));
        }
        away = why;
    }

    private void through() {
        if (away != null) {
            LOG.log(System.Logger.Level.INFO, "audit events get through again");
            away = null;
        }
    }

    private void tell(Consumer<AuditListener> what) {
        try {
            what.accept(settings.listener);
        } catch (RuntimeException failure) {
            LOG.log(System.Logger.Level.WARNING, "an audit listener failed", failure);
        }
    }

    private static String shortened(String words) {
        return words.length() <= LONGEST_WORDS ? words : words.substring(0, LONGEST_WORDS) + "…";
    }

    /** Waits; shorter if this is closed meanwhile, for a last try. False if the time for tries is over. */
    private boolean pause(Duration length) throws InterruptedException {
        lock.lock();
        try {
            boolean before = closing;
            long until = System.nanoTime() + length.toNanos();
            while (closing == before) {
                long left = (closing
                        ? Math.min(until - System.nanoTime(), closeAt - System.nanoTime())
                        : until - System.nanoTime());
                if (left <= 0) {
                    break;
                }
                work.awaitNanos(left);
            }
            return !closing || System.nanoTime() < closeAt;
        } finally {
            lock.unlock();
        }
    }

    // ---- settings ----

    /** How a sender sends; each setting has a default that works. */
    public static final class Builder {
        private final URI server;
        private final Supplier<String> key;
        private int batch = 500;
        private Duration linger = Duration.ofMillis(20);
        private int mostEvents = 10_000;
        private long mostBytes = 32 << 20;
        private WhenFull whenFull = new WhenFull.Block(Duration.ofMillis(100));
        private Duration timeout = Duration.ofSeconds(10);
        private Duration firstWait = Duration.ofMillis(250);
        private Duration longestWait = Duration.ofSeconds(30);
        private Duration closeWithin = Duration.ofSeconds(10);
        private AuditListener listener = new AuditListener() {};

        private Builder(URI server, Supplier<String> key) {
            var scheme = server.getScheme();
            if (!"https".equals(scheme) && !"http".equals(scheme) || server.getHost() == null) {
                throw new IllegalArgumentException(
                        "a server has an address such as https://muster.example.com; got " + server);
            }
            this.server = server;
            this.key = key;
        }

        /** Most events of a request, 1 to 500. */
        public Builder batch(int most) {
            batch = (int) between("batch", 1, most, 500);
            return this;
        }

        /** How long an event waits for others to go with it, 5 ms to 1 s. */
        public Builder linger(Duration length) {
            linger = between("linger", Duration.ofMillis(5), length, Duration.ofSeconds(1));
            return this;
        }

        /** Most events, and bytes of them as JSON, that wait; 1 to 1,000,000, and 1 MiB to 1 GiB. In memory they take twice as much. */
        public Builder buffer(int events, long bytes) {
            mostEvents = (int) between("events of the buffer", 1, events, 1_000_000);
            mostBytes = between("bytes of the buffer", 1 << 20, bytes, 1 << 30);
            return this;
        }

        public Builder whenFull(WhenFull policy) {
            whenFull = policy;
            return this;
        }

        /** How long to wait for an answer, 100 ms to 5 min. */
        public Builder timeout(Duration length) {
            timeout = between("timeout", Duration.ofMillis(100), length, Duration.ofMinutes(5));
            return this;
        }

        /** How long to wait before the second try, and at most before any; 1 ms to 10 min. A server's {@code Retry-After} counts too. */
        public Builder backOff(Duration first, Duration longest) {
            firstWait = between("first wait", Duration.ofMillis(1), first, Answer.LONGEST_WAIT);
            longestWait = between("longest wait", first, longest, Answer.LONGEST_WAIT);
            return this;
        }

        /** The bound of {@link AuditSender#close()}, up to 10 min. */
        public Builder closeWithin(Duration length) {
            closeWithin = between("close within", Duration.ZERO, length, Duration.ofMinutes(10));
            return this;
        }

        public Builder listener(AuditListener one) {
            listener = Objects.requireNonNull(one);
            return this;
        }

        public AuditSender start() {
            var sender = new AuditSender(this);
            sender.courier.start();
            return sender;
        }

        /** Twice as long each time, and by chance up to a half less; not less than the server asked for, and by chance a little more. */
        Duration waitAfter(int tries, Duration asked, RandomGenerator random) {
            long longest = Math.min(longestWait.toNanos(), firstWait.toNanos() << Math.min(tries - 1, 20));
            long ours = random.nextLong(longest / 2, longest + 1);
            long theirs = asked.toNanos() + random.nextLong(asked.toNanos() / 10 + 1);
            return Duration.ofNanos(Math.max(ours, theirs));
        }

        private static long between(String name, long least, long given, long most) {
            if (given < least || given > most) {
                throw new IllegalArgumentException(
                        name + " must be between " + least + " and " + most + "; got " + given);
            }
            return given;
        }

        private static Duration between(String name, Duration least, Duration given, Duration most) {
            if (given.compareTo(least) < 0 || given.compareTo(most) > 0) {
                throw new IllegalArgumentException(
                        name + " must be between " + least + " and " + most + "; got " + given);
            }
            return given;
        }
    }
}
