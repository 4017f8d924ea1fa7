package io.muster.cli;

import com.sun.management.OperatingSystemMXBean;
import java.io.PrintWriter;
import java.io.Writer;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.ZipOutputStream;

/**
 * How many events a second {@code ./muster verify} proves. Not a test; run it alone: with how many events (a million), and how often.
 * One core: {@code -XX:ActiveProcessorCount=1}.
 */
final class VerifySpeed {
    private VerifySpeed() {}

    public static void main(String[] arguments) throws Exception {
        int events = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 1_000_000;
        int runs = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 3;
        var file = arguments.length > 2 ? Path.of(arguments[2]) : Files.createTempFile("muster-speed-", ".zip");
        if (!Files.exists(file) || Files.size(file) == 0) {
            var log = new HonestExport(1, events, 10_000);
            try (var zip = new ZipOutputStream(Files.newOutputStream(file))) {
                zip.setLevel(1);
                log.write(i -> true, "null", (name, content) -> HonestExport.entry(zip, name, content));
            }
        }
        var os = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
        System.out.printf("%,d events in %,d bytes%n", events, Files.size(file));
        for (int run = 0; run < runs; run++) {
            long from = System.nanoTime();
            long used = os.getProcessCpuTime();
            var muster = MusterCli.commandLine().setOut(new PrintWriter(Writer.nullWriter()));
            int code = muster.execute("verify", file.toString());
            double seconds = (System.nanoTime() - from) / 1e9;
            double cpu = (os.getProcessCpuTime() - used) / 1e9;
            System.out.printf(
                    "ended %d after %.1f s: %,.0f events/s; %,.0f for each second of a core%n",
                    code, seconds, events / seconds, events / cpu);
        }
        if (arguments.length < 3) Files.delete(file);
    }
}
