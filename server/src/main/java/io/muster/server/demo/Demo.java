package io.muster.server.demo;

import io.muster.server.demo.Saas.Customer;
import io.muster.server.embedded.CannotStart;
import io.muster.server.embedded.DataFolder;
import io.muster.server.problem.Refused;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/** Starts the SaaS when Muster listens, breaks one of its jobs after a while, and stops it before Muster stops. */
@Component
@ConditionalOnProperty(name = "muster.mode", havingValue = "demo")
class Demo implements SmartLifecycle {
    private static final Logger log = LoggerFactory.getLogger(Demo.class);
    private static final Duration LIFE = Duration.ofMillis(700);

    /** Where the data of the customers of Europe is at home: {@code job: region}. */
    private static final Map<String, String> TARGETS = Map.of(
            "users-to-eu-west-1", "eu-west-1",
            "users-to-eu-central-1", "eu-central-1",
            "invoices-to-eu-west-1", "eu-west-1");

    private final DemoProperties settings;
    private final DataFolder folder;
    private final Saas saas;
    private final MusterApi muster;

    private volatile @Nullable ScheduledExecutorService work;
    private volatile @Nullable SaasService service;
    private volatile boolean running;

    Demo(DemoProperties settings, DataFolder folder, Saas saas, MusterApi muster) {
        if (!TARGETS.containsKey(settings.breaks())) {
            throw new CannotStart("muster.demo.breaks must be one of " + jobs() + "; got " + settings.breaks());
        }
        this.settings = settings;
        this.folder = folder;
        this.saas = saas;
        this.muster = muster;
    }

    private static String jobs() {
        return String.join(", ", TARGETS.keySet().stream().sorted().toList());
    }

    @Override
    public void start() {
        try {
            saas.open(TARGETS.values().stream().distinct().toList());
            var inbox = new SaasService(saas);
            service = inbox;
            muster.post("/api/v1/apply", "application/yaml", catalogue(inbox));
            saas.serve(muster.list("/api/v1/tenants").stream()
                    .map(tenant -> new Customer(
                            tenant.path("id").asString(), tenant.path("home").asString()))
                    .toList());
            running = true;
            schedule(inbox);
            System.out.println(whatToLookAt());
        } catch (IOException | SQLException failure) {
            throw new CannotStart("the demo does not start: " + failure.getMessage(), failure);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** For whoever started it. */
    private String whatToLookAt() throws IOException, SQLException {
        var job = settings.breaks();
        var region = target(job);
        var next = switch (saas.damage(region, job)) {
            case NEVER ->
                "In %s the database in %s will refuse connections: %s fails, then"
                        .formatted(inWords(settings.breakAfter()), region, job);
            case NOW -> "The database in %s refuses connections: %s fails, and".formatted(region, job);
            case HEALED ->
                "%s was broken and healed before. To do it again: %s --break %s; then".formatted(job, command(), job);
        };
        return """

                The demo runs: %1$d customers sign up users at us-east-1; %2$d jobs bring the data of Europe's home.
                  %3$s/            the map, and what needs attention
                  %3$s/residency   whose data is where, and how far behind
                  %3$s/exposures   whose data stays where it may not
                  %3$s/checks      the jobs and their reports
                  %3$s/channels    who is told; the inbox of on-call prints its messages here
                %4$s
                its customers become at risk, and violations once their data has waited longer than they were promised.
                Then: %5$s --heal %6$s    Ctrl-C ends all; the data stays.
                """.formatted(saas.customers(), TARGETS.size(), muster.address(), next, command(), job);
    }

    /** The command for this demo, wherever it listens. */
    private String command() {
        var port = muster.port();
        return "./muster demo" + (port == 8080 ? "" : " --port " + port)
                + (folder.path().endsWith("data/demo") ? "" : " --data " + folder.path());
    }

    private static String inWords(Duration time) {
        return time.toSeconds() % 60 != 0 ? time.toSeconds() + " s" : time.toMinutes() + " min";
    }

    /** What is declared, with the ports of this start. */
    private String catalogue(SaasService inbox) throws IOException {
        String text;
        var given = settings.catalogue();
        if (given != null) {
            text = Files.readString(given);
        } else {
            try (var shipped = Demo.class.getResourceAsStream("/examples/demo.yaml")) {
                if (shipped == null) {
                    throw new IOException("examples/demo.yaml is missing in this build");
                }
                text = new String(shipped.readAllBytes(), StandardCharsets.UTF_8);
            }
        }
        return text.replace("localhost:5432", saas.address()).replace("localhost:8025", inbox.address());
    }

    private void schedule(SaasService inbox) throws IOException, InterruptedException, SQLException {
        var threads = Executors.newScheduledThreadPool(
                6, Thread.ofPlatform().daemon().name("demo-", 0).factory());
        work = threads;
        every(threads, LIFE, Duration.ZERO, "the SaaS", saas::live);
        var first = Duration.ofSeconds(2);
        for (var job : List.of(
                ScriptJob.of("users-to-eu-west-1", "eu-west-1", folder, inbox.replication(), saas, muster),
                new ManifestJob("users-to-eu-central-1", Table.USERS, "eu-central-1", saas, muster),
                new ExitCodeJob("invoices-to-eu-west-1", Table.INVOICES, "eu-west-1", saas, muster),
                new HousekeepingJob("expire-sessions", saas, muster))) {
            var uuid = muster.get("/api/v1/jobs/" + job.slug()).path("uuid").asString();
            every(threads, settings.every(), first, job.slug(), () -> job.run(uuid));
            first = first.plusSeconds(1);
        }
        if (!saas.wasBroken(settings.breaks())) {
            threads.schedule(
                    () -> tried(settings.breaks(), () -> breakJob(settings.breaks())),
                    settings.breakAfter().toMillis(),
                    TimeUnit.MILLISECONDS);
        }
    }

    private interface Act {
        void run() throws Exception;
    }

    private void every(ScheduledExecutorService threads, Duration pause, Duration first, String who, Act act) {
        threads.scheduleWithFixedDelay(
                () -> tried(who, act), first.toMillis(), pause.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** What goes wrong in one round does not end the following ones. */
    private void tried(String who, Act act) {
        try {
            if (running) {
                act.run();
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        } catch (Exception failure) {
            if (running) {
                log.warn("{}: {}", who, failure.getMessage());
            }
        }
    }

    /** The job's target refuses connections from now on. */
    void breakJob(String job) throws SQLException {
        saas.breakHome(target(job), job);
        log.info("broken: the database of {} refuses connections; ./muster demo --heal {} heals it", target(job), job);
    }

    void healJob(String job) throws SQLException {
        saas.healHome(target(job));
        log.info("healed: the database of {} accepts connections", target(job));
    }

    private static String target(String job) {
        var region = TARGETS.get(job);
        if (region == null) {
            throw new Refused("job", "must be one of " + jobs() + "; got " + job);
        }
        return region;
    }

    @Override
    public void stop() {
        running = false;
        var threads = work;
        if (threads != null) {
            threads.shutdownNow();
            try {
                if (!threads.awaitTermination(10, TimeUnit.SECONDS)) {
                    log.warn("a job of the demo does not end");
                }
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
            }
        }
        var inbox = service;
        if (inbox != null) {
            inbox.close();
        }
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    /** Started last, when Muster listens, and stopped first. */
    @Override
    public int getPhase() {
        return Integer.MAX_VALUE;
    }
}
